// Calls at every jetty, but stays wherever it ends up.
#include <iostream>
#include <string>

int main() {
    int r, c;
    std::cin >> r >> c;
    if (r * c % 2) {
        std::cout << "impossible\n";
        return 0;
    }
    for (int i = 0; i < r; i++) std::cout << std::string(c - 1, i % 2 ? 'W' : 'E') << (i + 1 < r ? "S" : "N");
    std::cout << '\n';
}
