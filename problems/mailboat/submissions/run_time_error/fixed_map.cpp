// A map of ten by ten, and a district that has grown since.
#include <array>
#include <iostream>
#include <string>

int main() {
    int r, c;
    std::cin >> r >> c;
    if (r % 2 && c % 2) {
        std::cout << "impossible\n";
        return 0;
    }
    std::array<std::array<bool, 10>, 10> seen{};
    std::string moves;
    auto go = [&, i = 0, j = 0](char move) mutable {
        i += (move == 'S') - (move == 'N');
        j += (move == 'E') - (move == 'W');
        seen.at(i).at(j) = true;
        moves += move;
    };
    const bool turned = r % 2;
    const std::string name = turned ? "SNEW" : "EWSN";
    const int lines = turned ? c : r, length = turned ? r : c;
    for (int k = 1; k < length; ++k) go(name[0]);
    for (int i = 1; i < lines; ++i) {
        go(name[2]);
        for (int k = 2; k < length; ++k) go(name[i % 2]);
    }
    go(name[1]);
    for (int i = 1; i < lines; ++i) go(name[3]);
    std::cout << moves << '\n';
}
