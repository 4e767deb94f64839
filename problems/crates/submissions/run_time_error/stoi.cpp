// std::stoi throws out_of_range, and nobody catches it.
#include <iostream>
#include <string>

int main() {
    std::string a, c;
    std::cin >> a >> c;
    const int apples = std::stoi(a), size = std::stoi(c);
    const int crates = (apples - 1) / size + 1;
    std::cout << crates << ' ' << crates * size - apples << '\n';
}
