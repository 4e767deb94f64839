import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        if (in.next().equals("ada")) {
            long both = in.nextLong() * (1L << 30) + in.nextLong() + (1L << 60);
            System.out.println(Long.toBinaryString(both).replace('1', 'L').replace('0', 'D'));
        } else {
            String bits = new StringBuilder(in.next()).reverse().toString().replace('L', '1').replace('D', '0');
            long both = Long.parseLong(bits.substring(1), 2);
            System.out.println((both >> 30) + " " + (both & ((1L << 30) - 1)));
        }
    }
}
