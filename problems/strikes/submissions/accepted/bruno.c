#include <stdio.h>

static int strokes(int minute) {
    if (minute % 60 == 30) return 1;
    if (minute % 60 != 0) return 0;
    int hour = minute / 60 % 12;
    return hour ? hour : 12;
}

int main(void) {
    int h1, m1, h2, m2, sum = 0;
    if (scanf("%d:%d %d:%d", &h1, &m1, &h2, &m2) != 4) return 1;
    int now = h1 * 60 + m1, end = h2 * 60 + m2;
    if (end < now) end += 24 * 60;
    for (; now <= end; now++) sum += strokes(now);
    printf("%d\n", sum);
    return 0;
}
