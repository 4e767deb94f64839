/* Compares the sides by their ratio, and one side begins with nothing. */
#include <stdio.h>

int main(void) {
    int n, w, port = 0, starboard = 0;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && scanf("%d", &w) == 1) {
        if (port / starboard < 1) {
            port += w;
            putchar('P');
        } else {
            starboard += w;
            putchar('S');
        }
    }
    putchar('\n');
    return 0;
}
