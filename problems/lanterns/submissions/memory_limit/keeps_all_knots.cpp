// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Writes every single knot down before it counts them.
#include <cstdio>
#include <utility>
#include <vector>

int main() {
    int n, d;
    if (std::scanf("%d %d", &n, &d) != 2) return 1;
    std::vector<std::vector<int>> at(2001);
    std::vector<std::pair<int, int>> knots;
    for (int i = 0, h; i < n && std::scanf("%d", &h) == 1; ++i) {
        if (h >= d)
            for (int j : at[h - d]) knots.emplace_back(j, i);
        if (d > 0)
            for (int j : at[h + d]) knots.emplace_back(j, i);
        at[h].push_back(i);
    }
    std::printf("%zu\n", knots.size());
}
