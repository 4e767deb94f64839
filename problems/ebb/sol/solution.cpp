#include "ebb.h"

long long ebb(int days, const int *levels, int *from, int *to) {
    // From the right: the lowest level still to come.
    long long best = 0;
    int low = days - 1;
    for (int day = days - 1; day >= 0; day--) {
        if (levels[day] < levels[low]) low = day;
        if (levels[day] - levels[low] > best) {
            best = levels[day] - levels[low];
            *from = day;
            *to = low;
        }
    }
    return best;
}
