/* Skis trails on the level, in the direction in which they happen to be given. */
#include <stdio.h>
#include <stdlib.h>

static int h[50001], far[50001], a[100000], b[100000], len[100000], order[100000];

static int by_top(const void *p, const void *q) {
    int i = *(const int *)p, j = *(const int *)q;
    return h[a[i]] != h[a[j]] ? h[a[i]] - h[a[j]] : h[b[i]] - h[b[j]];
}

int main(void) {
    int n, m, best = 0;
    if (scanf("%d %d", &n, &m) != 2) return 1;
    for (int i = 1; i <= n; i++)
        if (scanf("%d", h + i) != 1) return 1;
    for (int i = 0; i < m; i++) {
        int x, y;
        if (scanf("%d %d %d", &x, &y, len + i) != 3) return 1;
        a[i] = h[x] >= h[y] ? x : y;
        b[i] = x + y - a[i];
        order[i] = i;
    }
    qsort(order, m, sizeof(int), by_top);
    for (int k = 0; k < m; k++) {
        int i = order[k];
        if (far[b[i]] + len[i] > far[a[i]]) far[a[i]] = far[b[i]] + len[i];
        if (far[a[i]] > best) best = far[a[i]];
    }
    printf("%d\n", best);
    return 0;
}
