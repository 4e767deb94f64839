// @EXPECTED_RESULTS@: COMPILER-ERROR
import java.util.Scanner;

class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int apples = in.nextLong();
        int size = in.nextInt();
        System.out.println((apples + size - 1) / size);
    }
}
