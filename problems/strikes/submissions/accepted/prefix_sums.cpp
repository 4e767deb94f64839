// upto[t]: strokes in the minutes 0, 1, ..., t - 1 of a day.
#include <array>
#include <cstdio>

constexpr int DAY = 1440;

constexpr std::array<int, DAY + 1> table() {
    std::array<int, DAY + 1> upto{};
    for (int t = 0; t < DAY; ++t) {
        const int hour = t / 60, minute = t % 60;
        const int rings = minute == 0 ? (hour + 11) % 12 + 1 : minute == 30;
        upto[t + 1] = upto[t] + rings;
    }
    return upto;
}

int main() {
    constexpr auto upto = table();
    static_assert(upto[DAY] == 180);
    int a, b, c, d;
    if (std::scanf("%d:%d%d:%d", &a, &b, &c, &d) != 4) return 1;
    const int from = a * 60 + b, to = c * 60 + d;
    const int heard = upto[to + 1] - upto[from] + (to < from ? upto[DAY] : 0);
    std::printf("%d\n", heard);
}
