#include "ebb.h"

/* Forgets that the fall goes forward in time. */
long long ebb(int days, const int *levels, int *from, int *to) {
    for (int day = 0; day < days; day++) {
        if (levels[day] > levels[*from]) *from = day;
        if (levels[day] < levels[*to]) *to = day;
    }
    return levels[*from] - levels[*to];
}
