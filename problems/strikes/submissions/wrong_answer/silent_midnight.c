/* Zero strokes at midnight, as a digital clock would have it. */
#include <stdio.h>

int main(void) {
    int h, m, hh, mm, sum = 0;
    if (scanf("%d:%d %d:%d", &h, &m, &hh, &mm) != 4) return 1;
    for (;;) {
        if (m == 0) sum += h > 12 ? h - 12 : h;
        if (m == 30) sum++;
        if (h == hh && m == mm) break;
        if (++m == 60) m = 0, h = (h + 1) % 24;
    }
    printf("%d\n", sum);
    return 0;
}
