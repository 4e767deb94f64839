import java.util.Arrays;

class Moorings {
    static int moored(long quay, int[] boats) {
        Arrays.sort(boats);
        return moored(quay + 1, boats, 0);
    }

    private static int moored(long left, int[] boats, int first) {
        return left > boats[first] ? 1 + moored(left - boats[first] - 1, boats, first + 1) : 0;
    }
}
