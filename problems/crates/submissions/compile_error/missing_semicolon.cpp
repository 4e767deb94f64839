// @EXPECTED_RESULTS@: COMPILER-ERROR
#include <iostream>

int main() {
    long long a, c;
    std::cin >> a >> c
    std::cout << (a + c - 1) / c << ' ' << (c - a % c) % c << '\n';
}
