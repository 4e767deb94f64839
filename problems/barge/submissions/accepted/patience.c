#include <stdio.h>

int main(void) {
    int n, w, lean = 0;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && scanf("%d", &w) == 1) {
        if (lean > 0) {
            lean -= w;
            putchar('S');
        } else {
            lean += w;
            putchar('P');
        }
    }
    putchar('\n');
    return 0;
}
