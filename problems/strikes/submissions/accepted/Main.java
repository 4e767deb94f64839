import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.LocalTime;

public class Main {
    static int strokes(LocalTime time) {
        return switch (time.getMinute()) {
            case 0 -> time.getHour() % 12 == 0 ? 12 : time.getHour() % 12;
            case 30 -> 1;
            default -> 0;
        };
    }

    public static void main(String[] args) throws IOException {
        String[] words = new BufferedReader(new InputStreamReader(System.in)).readLine().split(" ");
        LocalTime now = LocalTime.parse(words[0]), end = LocalTime.parse(words[1]);
        int heard = strokes(now);
        while (!now.equals(end)) {
            now = now.plusMinutes(1);
            heard += strokes(now);
        }
        System.out.println(heard);
    }
}
