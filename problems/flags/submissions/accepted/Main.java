import java.io.*;
import java.util.*;

public class Main {
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        int[] locker = Arrays.stream(in.readLine().split(" ")).mapToInt(Integer::parseInt).toArray();
        String message = in.readLine();
        if (message.chars().anyMatch(letter -> locker[letter - 'a'] == 0)) {
            System.out.println("swim");
            return;
        }
        int hoists = 0;
        int position = 0;
        while (position < message.length()) {
            int[] used = new int[26];
            while (position < message.length()) {
                int letter = message.charAt(position) - 'a';
                if (used[letter] == locker[letter]) break;
                used[letter]++;
                position++;
            }
            hoists++;
        }
        System.out.println(hoists);
    }
}
