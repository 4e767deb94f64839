#include <stdio.h>
#include <stdlib.h>

#include "ebb.h"

int main(void) {
    int days, from = 0, to = 0;
    if (scanf("%d", &days) != 1) return 1;
    int *levels = (int *)malloc(sizeof *levels * (size_t)days);
    for (int day = 0; day < days; day++)
        if (!levels || scanf("%d", &levels[day]) != 1) return 1;
    long long fall = ebb(days, levels, &from, &to);
    printf("%lld %d %d\n", fall, from, to);
    free(levels);
    return 0;
}
