/* Single precision all the way: seven digits are lost in the sums. */
#include <math.h>
#include <stdio.h>

int main(void) {
    int n;
    float x, y, q, r, w;
    if (scanf("%d", &n) != 1) return 1;
    while (n-- > 0 && scanf("%f %f %f %f %f", &x, &y, &q, &r, &w) == 5) {
        float along = fabsf(x - q), rowed = along;
        if (w > r) rowed = fminf(along, y / sqrtf(w / r * w / r - 1));
        float seconds = sqrtf(rowed * rowed + y * y) / r;
        for (int part = 0; part < 1000; part++) seconds += (along - rowed) / w / 1000;
        printf("%.8f\n", seconds);
    }
    return 0;
}
