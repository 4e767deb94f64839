import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringTokenizer;

public class Main {
    enum Side { P, S }

    private final long[] load = new long[Side.values().length];

    Side place(int weight) {
        Side lighter = load[Side.P.ordinal()] < load[Side.S.ordinal()] ? Side.P : Side.S;
        load[lighter.ordinal()] += weight;
        return lighter;
    }

    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        in.readLine();
        StringTokenizer blocks = new StringTokenizer(in.readLine());
        Main barge = new Main();
        StringBuilder plan = new StringBuilder();
        while (blocks.hasMoreTokens()) plan.append(barge.place(Integer.parseInt(blocks.nextToken())));
        System.out.println(plan);
    }
}
