// Writes into each jetty where to go from there, and then follows the arrows from the corner.
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using Arrows = std::vector<std::string>;

// For an even number of rows: up along the first column, a meander through the others.
Arrows meander(int rows, int columns) {
    Arrows arrow(rows, std::string(columns, 'N'));
    for (int i = 0; i < rows; ++i) {
        for (int j = 1; j < columns; ++j) arrow[i][j] = i % 2 == 0 ? 'E' : 'W';
        if (i % 2 == 0)
            arrow[i][columns - 1] = 'S';
        else if (i + 1 < rows)
            arrow[i][1] = 'S';
    }
    arrow[0][0] = 'E';
    return arrow;
}

int main() {
    int rows, columns;
    std::cin >> rows >> columns;
    const int jetties = rows * columns;
    const bool turned = rows % 2 == 1;
    if (jetties == 2) {
        std::cout << (rows == 1 ? "EW" : "SN") << '\n';
        return 0;
    }
    if (jetties % 2 == 1 || rows == 1 || columns == 1) {
        std::cout << "impossible\n";
        return 0;
    }
    if (turned) std::swap(rows, columns);
    Arrows arrow = meander(rows, columns);
    if (columns == 2)  // Here the meander has no width: the second column leads straight down.
        for (int i = 0; i < rows; ++i) arrow[i][1] = i + 1 < rows ? 'S' : 'W';
    std::string moves;
    int i = 0, j = 0;
    do {
        const char move = arrow[i][j];
        i += (move == 'S') - (move == 'N');
        j += (move == 'E') - (move == 'W');
        moves += !turned ? move : move == 'E' ? 'S' : move == 'S' ? 'E' : move == 'W' ? 'N' : 'W';
    } while (i != 0 || j != 0);
    std::cout << moves << '\n';
}
