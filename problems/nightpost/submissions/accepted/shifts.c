#include <stdio.h>
#include <string.h>

int main(void) {
    char who[8], lamps[80];
    long long a, b, both = 0;
    if (scanf("%7s", who) != 1) return 1;
    if (!strcmp(who, "ada")) {
        if (scanf("%lld %lld", &a, &b) != 2) return 1;
        both = a << 30 | b;
        for (int i = 59; i >= 0; i--) putchar(both >> i & 1 ? 'L' : 'D');
        putchar('\n');
        return 0;
    }
    if (scanf("%79s", lamps) != 1) return 1;
    for (int i = 59; i >= 0; i--) both = both * 2 + (lamps[i] == 'L');
    printf("%lld %lld\n", both >> 30, both & ((1LL << 30) - 1));
    return 0;
}
