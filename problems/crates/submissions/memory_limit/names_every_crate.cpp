// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Keeps a record of each crate, and there may be more crates than grains of sand on the shore.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    long long apples, size;
    std::cin >> apples >> size;
    std::vector<long long> crates;
    for (; apples > 0; apples -= size) crates.push_back(std::min(apples, size));
    std::cout << crates.size() << ' ' << size - crates.back() << '\n';
}
