#include <stdio.h>

static void go(char move, int times) {
    while (times-- > 0) putchar(move);
}

/* Out along the first line, back and forth over the rest of the lines without their first jetty, and home along those. */
static void comb(int lines, int length, char ahead, char back, char next, char home) {
    go(ahead, length - 1);
    for (int i = 1; i < lines; i++) {
        go(next, 1);
        go(i % 2 ? back : ahead, length - 2);
    }
    go(back, 1);
    go(home, lines - 1);
}

int main(void) {
    int r, c;
    if (scanf("%d %d", &r, &c) != 2) return 1;
    if (r * c == 2)
        printf(r == 1 ? "EW" : "SN");
    else if (r == 1 || c == 1 || (r % 2 && c % 2))
        printf("impossible");
    else if (r % 2 == 0)
        comb(r, c, 'E', 'W', 'S', 'N');
    else
        comb(c, r, 'S', 'N', 'E', 'W');
    putchar('\n');
    return 0;
}
