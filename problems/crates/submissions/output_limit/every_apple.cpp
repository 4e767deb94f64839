// @EXPECTED_RESULTS@: OUTPUT-LIMIT
// Reports on every apple, then on many more; 24 MB of it.
#include <cstdio>

int main() {
    long long a, c;
    if (std::scanf("%lld %lld", &a, &c) != 2) return 1;
    for (int i = 0; i < 4'000'000; i++) std::puts("apple");
    std::printf("%lld %lld\n", (a + c - 1) / c, (c - a % c) % c);
}
