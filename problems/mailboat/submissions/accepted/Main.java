import java.util.Scanner;

public class Main {
    /** A round for an even number of columns, in words of a district that is not turned. */
    static String round(int rows, int columns) {
        StringBuilder moves = new StringBuilder();
        String down = "S".repeat(rows - 2), up = "N".repeat(rows - 2);
        moves.append("S");
        for (int column = 0; column < columns; column += 2) {
            moves.append(down).append("E").append(up);
            moves.append(column + 2 < columns ? "E" : "N");
        }
        return moves.append("W".repeat(columns - 1)).toString();
    }

    static String turn(String moves) {
        return moves.replace('S', 'x').replace('E', 'S').replace('x', 'E')
            .replace('N', 'x').replace('W', 'N').replace('x', 'W');
    }

    public static void main(String[] args) {
        Scanner in = new Scanner(System.in);
        int rows = in.nextInt(), columns = in.nextInt();
        if (rows * columns == 2) System.out.println(rows == 1 ? "EW" : "SN");
        else if (rows == 1 || columns == 1 || rows * columns % 2 != 0) System.out.println("impossible");
        else if (columns % 2 == 0) System.out.println(round(rows, columns));
        else System.out.println(turn(round(columns, rows)));
    }
}
