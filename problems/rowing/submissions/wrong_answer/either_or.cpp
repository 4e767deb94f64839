// Rows straight home or straight to the shore, nothing in between.
#include <algorithm>
#include <cmath>
#include <cstdio>

int main() {
    int n;
    double x, y, q, r, w;
    std::scanf("%d", &n);
    while (n-- && std::scanf("%lf %lf %lf %lf %lf", &x, &y, &q, &r, &w) == 5)
        std::printf("%.10f\n", std::min(std::hypot(x - q, y) / r, y / r + std::fabs(x - q) / w));
}
