#include <cmath>
#include <iomanip>
#include <iostream>

int main() {
    int n;
    std::cin >> n;
    std::cout << std::setprecision(12);
    while (n--) {
        double x, y, q, r, w;
        std::cin >> x >> y >> q >> r >> w;
        auto seconds = [&](double landing) { return std::hypot(landing - x, y) / r + std::abs(q - landing) / w; };
        double low = std::min(x, q), high = std::max(x, q);
        for (int step = 0; step < 120; ++step) {
            const double third = (high - low) / 3;
            if (seconds(low + third) < seconds(high - third))
                high -= third;
            else
                low += third;
        }
        std::cout << seconds((low + high) / 2) << '\n';
    }
}
