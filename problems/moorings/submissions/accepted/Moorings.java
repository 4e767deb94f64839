import java.util.PriorityQueue;

class Moorings {
    static int moored(long quay, int[] boats) {
        var shortest = new PriorityQueue<Integer>();
        for (int boat : boats) shortest.add(boat);
        long left = quay + 1;
        int count = 0;
        while (!shortest.isEmpty() && left >= shortest.peek() + 1) {
            left -= shortest.poll() + 1;
            count++;
        }
        return count;
    }
}
