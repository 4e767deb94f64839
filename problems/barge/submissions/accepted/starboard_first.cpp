#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    std::cin.tie(nullptr)->sync_with_stdio(false);
    int n;
    std::cin >> n;
    std::vector<int> weight(n);
    for (auto &w : weight) std::cin >> w;
    const int bound = *std::max_element(weight.begin(), weight.end());

    // Stays on starboard for as long as it can, and changes sides only when it must.
    std::string plan;
    int lean = 0, side = -1;
    for (int w : weight) {
        if (std::abs(lean + side * w) > bound) side = -side;
        lean += side * w;
        plan += side < 0 ? 'S' : 'P';
    }
    std::cout << plan << '\n';
}
