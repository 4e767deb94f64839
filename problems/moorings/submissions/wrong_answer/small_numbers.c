#include <stdlib.h>

static int shorter(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* A quay longer than two million kilometres is not foreseen. */
int moored(long long quay, int count, const int *boats)
{
    int *line = malloc(sizeof *line * (size_t)count), left = (int)(quay > 2000000000 ? 2000000000 : quay) + 1, taken = 0;
    for (int i = 0; i < count; i++)
        line[i] = boats[i];
    qsort(line, (size_t)count, sizeof *line, shorter);
    while (taken < count && left >= line[taken] + 1)
        left -= line[taken++] + 1;
    free(line);
    return taken;
}
