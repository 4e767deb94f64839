#include <stdio.h>
#include <string.h>

char message[200002];

int main(void) {
    int locker[26], left[26], hoists = 1;
    for (int i = 0; i < 26; i++)
        if (scanf("%d", &locker[i]) != 1) return 1;
    if (scanf("%200001s", message) != 1) return 1;
    memcpy(left, locker, sizeof left);
    for (char *p = message; *p; p++) {
        int c = *p - 'a';
        if (locker[c] == 0) {
            puts("swim");
            return 0;
        }
        if (left[c] == 0) {
            memcpy(left, locker, sizeof left);
            hoists++;
        }
        left[c]--;
    }
    printf("%d\n", hoists);
    return 0;
}
