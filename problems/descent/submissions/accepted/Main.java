import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.StreamTokenizer;
import java.util.ArrayDeque;

/** Takes the huts from the top down: a hut is ready as soon as every trail that leads to it has been looked at. */
public class Main {
    static StreamTokenizer in = new StreamTokenizer(new BufferedReader(new InputStreamReader(System.in)));

    static int next() throws IOException {
        in.nextToken();
        return (int) in.nval;
    }

    public static void main(String[] args) throws IOException {
        int n = next(), m = next();
        int[] altitude = new int[n];
        for (int i = 0; i < n; i++) altitude[i] = next();

        int[] head = new int[n], follow = new int[m], target = new int[m], length = new int[m], waiting = new int[n];
        java.util.Arrays.fill(head, -1);
        for (int e = 0; e < m; e++) {
            int a = next() - 1, b = next() - 1;
            length[e] = next();
            if (altitude[a] == altitude[b]) continue;
            int top = altitude[a] > altitude[b] ? a : b;
            target[e] = a + b - top;
            follow[e] = head[top];
            head[top] = e;
            waiting[target[e]]++;
        }

        ArrayDeque<Integer> ready = new ArrayDeque<>();
        for (int i = 0; i < n; i++) if (waiting[i] == 0) ready.add(i);
        int[] skied = new int[n];
        int answer = 0;
        while (!ready.isEmpty()) {
            int hut = ready.poll();
            answer = Math.max(answer, skied[hut]);
            for (int e = head[hut]; e >= 0; e = follow[e]) {
                int to = target[e];
                skied[to] = Math.max(skied[to], skied[hut] + length[e]);
                if (--waiting[to] == 0) ready.add(to);
            }
        }
        System.out.println(answer);
    }
}
