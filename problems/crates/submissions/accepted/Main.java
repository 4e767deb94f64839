import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        long apples = in.nextLong();
        long size = in.nextLong();
        long crates = Math.floorDiv(apples - 1, size) + 1;
        System.out.println(crates + " " + (crates * size - apples));
    }
}
