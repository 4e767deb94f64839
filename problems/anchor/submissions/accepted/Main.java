import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int low = 1, high = in.nextInt();
        while (low < high) {
            int middle = (low + high) / 2;
            System.out.println("? " + middle);
            switch (in.next()) {
                case "here" -> low = high = middle;
                case "west" -> high = middle - 1;
                default -> low = middle + 1;
            }
        }
        System.out.println("! " + low);
    }
}
