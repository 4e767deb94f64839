import java.io.*;

public class Main {
    public static void main(String[] args) throws IOException {
        StreamTokenizer in = new StreamTokenizer(new BufferedInputStream(System.in));
        in.nextToken();
        long here = 0, best = Long.MIN_VALUE;
        for (int left = (int) in.nval; left > 0; left--) {
            in.nextToken();
            here = Math.max(here, 0) + (long) in.nval;
            best = Math.max(best, here);
        }
        System.out.println(best);
    }
}
