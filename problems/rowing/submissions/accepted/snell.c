/* Light would do the same: the sine of the landing angle is r / w. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    int n, x, y, q, r, w;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && scanf("%d %d %d %d %d", &x, &y, &q, &r, &w) == 5) {
        double along = abs(x - q), rowed = along;
        if (w > r) {
            double best = y * (double)r / sqrt((double)w * w - (double)r * r);
            if (best < along) rowed = best;
        }
        printf("%.9f\n", hypot(rowed, y) / r + (along - rowed) / w);
    }
    return 0;
}
