import java.util.Scanner;

public class Main {
    // Room for 1001 heights, but h + d goes up to 2000.
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), d = in.nextInt();
        long[] lit = new long[1001];
        long knots = 0;
        while (n-- > 0) {
            int h = in.nextInt();
            if (h >= d) knots += lit[h - d];
            if (d > 0) knots += lit[h + d];
            lit[h]++;
        }
        System.out.println(knots);
    }
}
