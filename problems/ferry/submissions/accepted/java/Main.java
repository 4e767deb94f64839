import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Scanner;

public class Main {
    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int n = in.nextInt(), d = in.nextInt();
        Queue<Integer> pier = new ArrayDeque<>();
        for (int i = 0; i < n; i++) pier.add(in.nextInt());

        int trips = 0, emptiest = 0;
        while (!pier.isEmpty()) {
            int left = d;
            while (!pier.isEmpty() && pier.peek() <= left) left -= pier.remove();
            emptiest = Math.max(emptiest, left);
            trips++;
        }
        System.out.println(trips + " " + emptiest);
    }
}
