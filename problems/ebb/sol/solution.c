#include "ebb.h"

long long ebb(int days, const int *levels, int *from, int *to) {
    int high = 0;
    long long best = 0;
    for (int day = 0; day < days; day++) {
        if (levels[day] > levels[high]) high = day;
        if (levels[high] - levels[day] > best) {
            best = levels[high] - levels[day];
            *from = high;
            *to = day;
        }
    }
    return best;
}
