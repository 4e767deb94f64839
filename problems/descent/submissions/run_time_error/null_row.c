/* Asks for all the memory in the world, gets nothing, and writes there all the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
    size_t n, m;
    if (scanf("%zu %zu", &n, &m) != 2) return 1;
    volatile size_t bytes = n > 1000 ? SIZE_MAX / 4 : n * n * sizeof(int);
    volatile int *length = malloc(bytes);
    int *h = malloc(n * sizeof(int)), *far = calloc(n, sizeof(int)), best = 0;
    for (size_t i = 0; i < n; i++)
        if (scanf("%d", h + i) != 1) return 1;
    for (size_t i = 0; i < n * n; i++) length[i] = -1;
    while (m-- > 0) {
        size_t a, b;
        int l;
        if (scanf("%zu %zu %d", &a, &b, &l) != 3) return 1;
        a--, b--;
        size_t cell = h[a] > h[b] ? a * n + b : b * n + a;
        if (h[a] != h[b] && length[cell] < l) length[cell] = l;
    }
    for (int level = 0; level <= 900000; level++)
        for (size_t a = 0; a < n; a++)
            if (h[a] == level)
                for (size_t b = 0; b < n; b++)
                    if (length[a * n + b] > 0 && far[b] + length[a * n + b] > far[a]) far[a] = far[b] + length[a * n + b];
    for (size_t i = 0; i < n; i++)
        if (far[i] > best) best = far[i];
    printf("%d\n", best);
    return 0;
}
