// @EXPECTED_RESULTS@: MEMORY-LIMIT
// One number for each pair of huts: ten gigabytes of them.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

int main() {
    std::ios::sync_with_stdio(false);
    int n, m;
    std::cin >> n >> m;
    std::vector<int> altitude(n), order(n), far(n);
    for (int &h : altitude) std::cin >> h;
    std::vector<std::vector<int>> length(n, std::vector<int>(n, -1));
    for (int a, b, l; m > 0 && std::cin >> a >> b >> l; --m) {
        --a, --b;
        if (altitude[a] < altitude[b]) std::swap(a, b);
        if (altitude[a] > altitude[b]) length[a][b] = std::max(length[a][b], l);
    }
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) { return altitude[a] < altitude[b]; });
    for (int a : order)
        for (int b = 0; b < n; ++b)
            if (length[a][b] >= 0) far[a] = std::max(far[a], far[b] + length[a][b]);
    std::cout << *std::max_element(far.begin(), far.end()) << '\n';
}
