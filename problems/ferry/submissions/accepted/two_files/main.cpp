#include <iostream>

#include "ferry.hpp"

int main() {
    int n, lane;
    std::cin >> n >> lane;
    Ferry ferry(lane);
    for (int length; n > 0 && std::cin >> length; --n) ferry.board(length);
    ferry.cross();
    std::cout << ferry.crossings() << ' ' << ferry.emptiest() << '\n';
}
