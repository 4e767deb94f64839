import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int apples = Integer.parseInt(in.next());   // NumberFormatException from 2147483648 on
        int size = Integer.parseInt(in.next());
        int crates = (apples - 1) / size + 1;
        System.out.println(crates + " " + (crates * size - apples));
    }
}
