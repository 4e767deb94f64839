import java.io.*;

/** Looks at all trails again and again until nothing changes: as many rounds as the longest chain has huts. */
public class Main {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedReader(new InputStreamReader(System.in)));
        in.nextToken();
        int n = (int) in.nval;
        in.nextToken();
        int m = (int) in.nval;
        int[] h = new int[n], a = new int[m], b = new int[m], length = new int[m];
        for (int i = 0; i < n; i++) {
            in.nextToken();
            h[i] = (int) in.nval;
        }
        for (int i = 0; i < m; i++) {
            in.nextToken();
            a[i] = (int) in.nval - 1;
            in.nextToken();
            b[i] = (int) in.nval - 1;
            in.nextToken();
            length[i] = (int) in.nval;
        }
        int[] far = new int[n];
        int best = 0;
        for (boolean changed = true; changed;) {
            changed = false;
            for (int i = 0; i < m; i++) {
                if (h[a[i]] == h[b[i]]) continue;
                int top = h[a[i]] > h[b[i]] ? a[i] : b[i], bottom = a[i] + b[i] - top;
                if (far[bottom] + length[i] > far[top]) {
                    far[top] = far[bottom] + length[i];
                    best = Math.max(best, far[top]);
                    changed = true;
                }
            }
        }
        System.out.println(best);
    }
}
