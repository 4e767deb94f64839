// Sorts, and lets two pointers walk over the heights: no table needed.
#include <algorithm>
#include <iostream>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    std::size_t n;
    int d;
    std::cin >> n >> d;
    std::vector<int> h(n);
    for (int &x : h) std::cin >> x;
    std::sort(h.begin(), h.end());
    long long knots = 0;
    // For each j: the i < j with h[i] == h[j] - d are the indices from low up to high.
    std::size_t low = 0, high = 0;
    for (std::size_t j = 0; j < n; ++j) {
        while (low < j && h[low] < h[j] - d) ++low;
        while (high < j && h[high] <= h[j] - d) ++high;
        knots += static_cast<long long>(high - low);
    }
    std::cout << knots << '\n';
}
