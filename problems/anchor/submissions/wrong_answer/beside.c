/* Forgets that the answer may be west of the last place it looked at. */
#include <stdio.h>

int main(void) {
    int low = 1, high;
    char answer[16];
    if (scanf("%d", &high) != 1) return 1;
    while (low < high) {
        int middle = (low + high) / 2;
        printf("? %d\n", middle);
        fflush(stdout);
        if (scanf("%15s", answer) != 1) return 1;
        if (answer[0] == 'e') low = middle + 1;
        else high = middle - 1;
    }
    printf("! %d\n", low);
    return 0;
}
