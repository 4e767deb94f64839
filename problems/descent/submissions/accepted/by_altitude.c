/* Trails sorted by the altitude of their upper hut, lowest first: the lower hut is always done when it is needed. */
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    int top, bottom, length;
} Trail;

static int altitude[50001], farthest[50001];
static Trail trails[100000];

static int lower_first(const void *a, const void *b) {
    return altitude[((const Trail *)a)->top] - altitude[((const Trail *)b)->top];
}

int main(void) {
    int n, m, answer = 0;
    if (scanf("%d %d", &n, &m) != 2) return 1;
    for (int i = 1; i <= n; i++)
        if (scanf("%d", &altitude[i]) != 1) return 1;
    for (int i = 0; i < m; i++) {
        Trail *t = &trails[i];
        if (scanf("%d %d %d", &t->top, &t->bottom, &t->length) != 3) return 1;
        if (altitude[t->top] < altitude[t->bottom]) {
            int swap = t->top;
            t->top = t->bottom;
            t->bottom = swap;
        }
    }
    qsort(trails, m, sizeof *trails, lower_first);
    for (int i = 0; i < m; i++) {
        Trail t = trails[i];
        if (altitude[t.top] == altitude[t.bottom]) continue;
        int far = t.length + farthest[t.bottom];
        if (far > farthest[t.top]) farthest[t.top] = far;
        if (far > answer) answer = far;
    }
    printf("%d\n", answer);
    return 0;
}
