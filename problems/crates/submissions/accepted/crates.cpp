#include <cstdint>
#include <iostream>

int main() {
    std::int64_t apples, size;
    std::cin >> apples >> size;
    const auto full = apples / size, rest = apples % size;
    if (rest == 0)
        std::cout << full << " 0\n";
    else
        std::cout << full + 1 << ' ' << size - rest << '\n';
}
