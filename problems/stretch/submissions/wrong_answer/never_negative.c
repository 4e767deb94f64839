#include <stdio.h>

int main(void) {
    int n;
    long long value, here = 0, best = 0;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- && scanf("%lld", &value) == 1) {
        here = here + value > 0 ? here + value : 0;
        if (here > best) best = here;
    }
    printf("%lld\n", best);
    return 0;
}
