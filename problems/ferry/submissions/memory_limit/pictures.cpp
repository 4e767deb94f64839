// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Keeps a picture of the lane for each crossing, true to the millimetre.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main() {
    constexpr int millimetres = 1000;
    int n, lane;
    std::cin >> n >> lane;
    std::vector<std::string> pictures;
    int from = lane;
    while (n--) {
        int length;
        std::cin >> length;
        if (from + length > lane) {
            pictures.emplace_back(lane * millimetres, '.');
            from = 0;
        }
        std::fill_n(pictures.back().begin() + from * millimetres, length * millimetres, '#');
        from += length;
    }
    std::ptrdiff_t emptiest = 0;
    for (const auto &picture : pictures) emptiest = std::max(emptiest, std::count(picture.begin(), picture.end(), '.'));
    std::cout << pictures.size() << ' ' << emptiest / millimetres << '\n';
}
