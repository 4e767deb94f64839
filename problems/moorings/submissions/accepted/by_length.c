#include <stdlib.h>

/* How many boats there are of each length: no comparison is needed. */
int moored(long long quay, int count, const int *boats)
{
    static int of_length[1000001];
    long long left = quay + 1;
    int taken = 0;
    for (int i = 0; i < count; i++)
        of_length[boats[i]]++;
    for (int length = 1; length <= 1000000; length++) {
        long long fit = left / (length + 1);
        if (fit > of_length[length])
            fit = of_length[length];
        taken += (int)fit;
        left -= fit * (length + 1);
        if (fit < of_length[length])
            break;
    }
    return taken;
}
