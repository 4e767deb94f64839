// Ben counts up to Ada's numbers, one by one.
#include <iostream>
#include <string>

int main() {
    std::string who, lamps;
    std::cin >> who;
    if (who == "ada") {
        unsigned long long a, b;
        std::cin >> a >> b;
        for (int i = 59; i >= 0; --i) std::cout << ((a << 30 | b) >> i & 1 ? 'L' : 'D');
        std::cout << '\n';
        return 0;
    }
    std::cin >> lamps;
    unsigned long long both = 0;
    for (int i = 59; i >= 0; --i) both = both * 2 + (lamps[i] == 'L');
    volatile unsigned long long count = 0;
    while (count != both) count = count + 1;
    std::cout << (count >> 30) << ' ' << (count & ((1ULL << 30) - 1)) << '\n';
}
