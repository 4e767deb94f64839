import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.StreamTokenizer;
import java.io.BufferedReader;
import java.io.InputStreamReader;

public class Main {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedReader(
            new InputStreamReader(new BufferedInputStream(System.in)), 1 << 16));
        in.nextToken();
        int n = (int) in.nval;
        in.nextToken();
        int d = (int) in.nval;

        // Knots with the lanterns that were lit before, one lantern after the other.
        int[] lit = new int[1001];
        long knots = 0;
        for (int i = 0; i < n; i++) {
            in.nextToken();
            int h = (int) in.nval;
            if (h >= d) knots += lit[h - d];
            if (d > 0 && h + d <= 1000) knots += lit[h + d];
            lit[h]++;
        }
        System.out.println(knots);
    }
}
