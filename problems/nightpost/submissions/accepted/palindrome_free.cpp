// Sends the last bit first, so that Ben has nothing to turn round.
#include <iostream>
#include <string>

int main() {
    std::string who, lamps;
    std::cin >> who;
    if (who == "ada") {
        unsigned long long a, b;
        std::cin >> a >> b;
        for (auto number : {b, a})
            for (int i = 0; i < 30; ++i) lamps += number >> i & 1 ? 'L' : 'D';
        std::cout << lamps << '\n';
    } else {
        std::cin >> lamps;
        unsigned long long numbers[2] = {0, 0};
        for (int i = 0; i < 60; ++i) numbers[i / 30] = numbers[i / 30] * 2 + (lamps[i] == 'L');
        std::cout << numbers[0] << ' ' << numbers[1] << '\n';
    }
}
