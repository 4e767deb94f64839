// Tells a wrong place and then computes for ever: the wrong answer came first.
#include <iostream>

int main() {
    int n;
    std::cin >> n;
    std::cout << "! " << n + 1 << std::endl;
    for (volatile int i = 0;; i = i + 1) {}
}
