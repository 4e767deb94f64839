import java.util.Scanner;

/** Bisects on the slope of the time, which only grows with the distance that is rowed along the shore. */
public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        StringBuilder out = new StringBuilder();
        for (int n = in.nextInt(); n > 0; n--) {
            int x = in.nextInt(), y = in.nextInt(), q = in.nextInt(), r = in.nextInt(), w = in.nextInt();
            double along = Math.abs(x - q);
            double low = 0, high = along;
            for (int i = 0; i < 100; i++) {
                double middle = (low + high) / 2;
                double slope = middle / Math.hypot(middle, y) / r - 1.0 / w;
                if (slope < 0) low = middle;
                else high = middle;
            }
            out.append(Math.hypot(high, y) / r + (along - high) / w).append('\n');
        }
        System.out.print(out);
    }
}
