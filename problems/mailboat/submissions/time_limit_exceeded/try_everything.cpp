// Tries every round there might be. Where there is none, that takes a while.
#include <iostream>
#include <string>
#include <vector>

int rows, columns;
std::vector<char> visited;
std::string moves;

bool search(int row, int column) {
    if (moves.size() == visited.size()) return row == 0 && column == 0;
    for (const char move : {'E', 'S', 'W', 'N'}) {
        const int i = row + (move == 'S') - (move == 'N'), j = column + (move == 'E') - (move == 'W');
        if (i < 0 || j < 0 || i >= rows || j >= columns || visited[i * columns + j]) continue;
        visited[i * columns + j] = 1;
        moves += move;
        if (search(i, j)) return true;
        moves.pop_back();
        visited[i * columns + j] = 0;
    }
    return false;
}

int main() {
    std::cin >> rows >> columns;
    visited.assign(rows * columns, 0);
    std::cout << (search(0, 0) ? moves : "impossible") << '\n';
}
