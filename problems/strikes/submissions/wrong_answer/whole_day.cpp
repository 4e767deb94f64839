// Equal times taken for a nap of 24 hours.
#include <cstdio>

int main() {
    int a, b, c, d, heard = 0;
    if (std::scanf("%d:%d %d:%d", &a, &b, &c, &d) != 4) return 1;
    int from = a * 60 + b, to = c * 60 + d;
    if (to <= from) to += 1440;
    for (int t = from; t <= to; ++t) {
        if (t % 60 == 0) heard += (t / 60 + 11) % 12 + 1;
        if (t % 60 == 30) ++heard;
    }
    std::printf("%d\n", heard);
}
