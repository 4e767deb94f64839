#include <algorithm>
#include <iostream>

int main() {
    int n;
    long long sum = 0, least = 0, best = -2000000000LL, value;
    std::cin >> n;
    while (n-- && std::cin >> value) {
        sum += value;
        best = std::max(best, sum - least);
        least = std::min(least, sum);
    }
    std::cout << best << '\n';
}
