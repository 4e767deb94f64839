/* There and back again is a round, too; this one does not think so. */
#include <stdio.h>

static void line(char move, int times) {
    while (times-- > 0) putchar(move);
}

int main(void) {
    int r, c;
    if (scanf("%d %d", &r, &c) != 2) return 1;
    if (r < 2 || c < 2 || (r & c & 1)) {
        puts("impossible");
        return 0;
    }
    int turned = r & 1, lines = turned ? c : r, length = turned ? r : c;
    const char *names = turned ? "SNEW" : "EWSN";
    line(names[0], length - 1);
    for (int i = 1; i < lines; i++) {
        line(names[2], 1);
        line(names[i & 1], length - 2);
    }
    line(names[1], 1);
    line(names[3], lines - 1);
    putchar('\n');
    return 0;
}
