// Goes east in steps that are halved: always stays at a buoy that is not east of the anchor.
#include <iostream>
#include <string>

int main() {
    int n, at = 0;
    std::cin >> n;
    for (int step = 1 << 19; step > 0; step /= 2) {
        if (at + step > n) continue;
        std::cout << "? " << at + step << std::endl;
        std::string answer;
        std::cin >> answer;
        if (answer != "west") at += step;
        if (answer == "here") break;
    }
    std::cout << "! " << at << std::endl;
}
