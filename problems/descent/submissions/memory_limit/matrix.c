/* @EXPECTED_RESULTS@: MEMORY-LIMIT
   The same matrix, row by row, each row written as soon as it is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int n, m, h[50000], far[50000];
static short *row[50000];

static int descend(int hut) {
    if (far[hut] == 0)
        for (int next = 0; next < n; next++)
            if (row[hut][next] > 0) {
                int total = row[hut][next] + descend(next);
                if (total > far[hut]) far[hut] = total;
            }
    return far[hut];
}

int main(void) {
    if (scanf("%d %d", &n, &m) != 2) return 1;
    for (int i = 0; i < n; i++) {
        if (scanf("%d", h + i) != 1) return 1;
        row[i] = malloc(n * sizeof(short));
        memset(row[i], 0xff, n * sizeof(short));
    }
    while (m-- > 0) {
        int a, b, l;
        if (scanf("%d %d %d", &a, &b, &l) != 3) return 1;
        a--, b--;
        int top = h[a] > h[b] ? a : b;
        if (h[a] != h[b] && row[top][a + b - top] < l) row[top][a + b - top] = l;
    }
    int best = 0;
    for (int i = 0; i < n; i++)
        if (descend(i) > best) best = far[i];
    printf("%d\n", best);
    return 0;
}
