// @EXPECTED_RESULTS@: MEMORY-LIMIT
// Writes every minute of the nap into a diary. Past midnight, the minute of waking up never comes.
#include <cstdio>
#include <vector>

int main() {
    int a, b, c, d;
    if (std::scanf("%d:%d %d:%d", &a, &b, &c, &d) != 4) return 1;
    std::vector<long long> diary{a * 60 + b};
    while (diary.back() != c * 60 + d) diary.push_back(diary.back() + 1);
    int heard = 0;
    for (const long long minute : diary)
        heard += minute % 60 == 0 ? (minute / 60 + 11) % 12 + 1 : minute % 60 == 30;
    std::printf("%d\n", heard);
}
