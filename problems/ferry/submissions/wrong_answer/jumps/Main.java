import java.util.*;

public class Main {
    // Lets shorter cars jump the queue, which Oda does not.
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), d = in.nextInt();
        List<Integer> cars = new LinkedList<>();
        for (int i = 0; i < n; i++) cars.add(in.nextInt());
        int trips = 0, emptiest = 0;
        while (!cars.isEmpty()) {
            int left = d;
            for (Iterator<Integer> it = cars.iterator(); it.hasNext();) {
                int car = it.next();
                if (car <= left) {
                    left -= car;
                    it.remove();
                }
            }
            trips++;
            emptiest = Math.max(emptiest, left);
        }
        System.out.println(trips + " " + emptiest);
    }
}
