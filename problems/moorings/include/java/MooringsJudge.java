import java.io.IOException;
import java.io.StreamTokenizer;

class MooringsJudge {
    public static void main(String[] words) throws IOException {
        var in = new StreamTokenizer(new java.io.BufferedInputStream(System.in));
        in.nextToken();
        long quay = (long) in.nval;
        in.nextToken();
        int[] boats = new int[(int) in.nval];
        for (int i = 0; i < boats.length; i++) {
            in.nextToken();
            boats[i] = (int) in.nval;
        }
        System.out.println(Moorings.moored(quay, boats));
    }
}
