#include <stdio.h>

int main(void) {
    long long a, c;
    if (scanf("%lld %lld", &a, &c) != 2) return 1;
    long long crates = (a + c - 1) / c;
    printf("%lld %lld\n", crates, crates * c - a);
    return 0;
}
