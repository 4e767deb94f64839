/* Takes a car as long as the lane for a slip of the pen, and waits until a shorter one is in its place. */
#include <stdio.h>

int cars[2000];

int main(void) {
    int n, d, i, emptiest = 0;
    volatile unsigned trips = 0;
    if (scanf("%d %d", &n, &d) != 2) return 1;
    for (i = 0; i < n; i++)
        if (scanf("%d", &cars[i]) != 1) return 1;
    for (i = 0; i < n; trips++) {
        int left = d;
        while (i < n && cars[i] <= left && cars[i] < d) left -= cars[i++];
        if (left > emptiest) emptiest = left;
    }
    printf("%u %d\n", trips, emptiest);
    return 0;
}
