#include <stdio.h>
#include <stdlib.h>

int moored(long long quay, int count, const int *boats);

int main(void)
{
    long long quay;
    int count;
    if (scanf("%lld %d", &quay, &count) != 2)
        return 1;
    int *boats = malloc(sizeof *boats * (size_t)count);
    for (int i = 0; i < count; i++)
        if (boats == NULL || scanf("%d", &boats[i]) != 1)
            return 1;
    printf("%d\n", moored(quay, count, boats));
    free(boats);
    return 0;
}
