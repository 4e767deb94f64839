#include <stdio.h>

int main(void) {
    int n;
    long long value, here = 0, best = -2000000000LL;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- && scanf("%lld", &value) == 1) {
        here = here > 0 ? here + value : value;
        if (here > best) best = here;
    }
    printf("%lld\n", best);
    return 0;
}
