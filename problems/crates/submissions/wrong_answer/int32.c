/* Ilse has more apples than an int can count. */
#include <stdio.h>

int main(void) {
    long long big_a, big_c;
    if (scanf("%lld %lld", &big_a, &big_c) != 2) return 1;
    unsigned a = (unsigned)big_a, c = (unsigned)big_c;
    unsigned crates = (a + c - 1) / c;
    printf("%u %u\n", crates, crates * c - a);
    return 0;
}
