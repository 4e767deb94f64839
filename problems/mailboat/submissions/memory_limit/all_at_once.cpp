// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Breadth first: all the ways of the boat after one move, after two, after three ...
#include <iostream>
#include <queue>
#include <string>

struct Way {
    std::string moves, visited;
    int row, column;
};

int main() {
    int rows, columns;
    std::cin >> rows >> columns;
    const auto jetties = static_cast<std::size_t>(rows * columns);
    std::queue<Way> ways;
    ways.push({"", std::string(jetties, '.'), 0, 0});
    while (!ways.empty()) {
        const Way way = ways.front();
        ways.pop();
        if (way.moves.size() == jetties) {
            std::cout << way.moves << '\n';
            return 0;
        }
        for (const char move : {'N', 'E', 'S', 'W'}) {
            const int i = way.row + (move == 'S') - (move == 'N'), j = way.column + (move == 'E') - (move == 'W');
            if (i < 0 || j < 0 || i >= rows || j >= columns || way.visited[i * columns + j] == '#') continue;
            if (i == 0 && j == 0 && way.moves.size() + 1 < jetties) continue;
            Way next{way.moves + move, way.visited, i, j};
            next.visited[i * columns + j] = '#';
            ways.push(next);
        }
    }
    std::cout << "impossible\n";
}
