// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Remembers the time for each of a hundred million pebbles before it takes the best of them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

int main() {
    int n;
    double x, y, q, r, w;
    if (std::scanf("%d", &n) != 1) return 1;
    std::vector<double> seconds(100'000'001);
    while (n-- && std::scanf("%lf %lf %lf %lf %lf", &x, &y, &q, &r, &w) == 5) {
        for (std::size_t i = 0; i < seconds.size(); ++i) {
            const double landing = x + (q - x) * i / (seconds.size() - 1);
            seconds[i] = std::hypot(landing - x, y) / r + std::fabs(q - landing) / w;
        }
        std::printf("%.9f\n", *std::min_element(seconds.begin(), seconds.end()));
    }
}
