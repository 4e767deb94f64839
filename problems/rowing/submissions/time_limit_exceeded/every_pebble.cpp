// Tries ten million landing places for each evening.
#include <algorithm>
#include <cmath>
#include <cstdio>

int main() {
    int n;
    double x, y, q, r, w;
    std::scanf("%d", &n);
    while (n-- && std::scanf("%lf %lf %lf %lf %lf", &x, &y, &q, &r, &w) == 5) {
        const int pebbles = 10'000'000;
        double best = 1e18;
        for (int i = 0; i <= pebbles; ++i) {
            const double landing = x + (q - x) * i / pebbles;
            best = std::min(best, std::sqrt((landing - x) * (landing - x) + y * y) / r + std::fabs(q - landing) / w);
        }
        std::printf("%.9f\n", best);
    }
}
