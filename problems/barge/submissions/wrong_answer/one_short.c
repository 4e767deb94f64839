/* Forgets to say where the last block goes. */
#include <stdio.h>

int main(void) {
    int n, w, lean = 0;
    if (scanf("%d", &n) != 1) return 1;
    for (int i = 0; i < n && scanf("%d", &w) == 1; i++) {
        if (i == n - 1 && n > 1) break;
        putchar(lean > 0 ? 'S' : 'P');
        lean += lean > 0 ? -w : w;
    }
    puts("");
    return 0;
}
