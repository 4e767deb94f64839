#include <algorithm>
#include <iostream>
#include <stdexcept>
#include <vector>

int main() {
    std::size_t n;
    std::cin >> n;
    std::vector<long long> values(300);
    for (std::size_t i = 0; i < n; ++i) std::cin >> values.at(i);
    long long here = 0, best = values[0];
    for (std::size_t i = 0; i < n; ++i) {
        here = std::max(here, 0LL) + values[i];
        best = std::max(best, here);
    }
    std::cout << best << '\n';
}
