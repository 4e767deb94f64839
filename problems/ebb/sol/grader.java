import java.io.StreamTokenizer;

class grader {
    public static void main(String[] words) throws java.io.IOException {
        StreamTokenizer input = new StreamTokenizer(new java.io.InputStreamReader(System.in));
        input.nextToken();
        int[] levels = new int[(int) input.nval];
        for (int day = 0; day < levels.length; day++) {
            input.nextToken();
            levels[day] = (int) input.nval;
        }
        long[] found = ebb.ebb(levels);
        System.out.println(found[0] + " " + found[1] + " " + found[2]);
    }
}
