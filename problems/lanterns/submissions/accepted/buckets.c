#include <stdio.h>

static long long bucket[2048];

static int next(void) {
    int c = getchar_unlocked(), x = 0;
    while (c < '0') c = getchar_unlocked();
    for (; c >= '0'; c = getchar_unlocked()) x = 10 * x + c - '0';
    return x;
}

int main(void) {
    int n = next(), d = next();
    long long knots = 0;
    while (n--) bucket[next()]++;
    if (d == 0)
        for (int h = 0; h <= 1000; h++) knots += bucket[h] * (bucket[h] - 1) / 2;
    else
        for (int h = 0; h + d <= 1000; h++) knots += bucket[h] * bucket[h + d];
    printf("%lld\n", knots);
    return 0;
}
