/* Stops with an exit code of its own when the rope is too short for the message. */
#include <stdio.h>

int main(void) {
    int locker[26], used[26] = {0}, hoists = 1, length = 0, c;
    for (int i = 0; i < 26; i++)
        if (scanf("%d", &locker[i]) != 1) return 1;
    while ((c = getchar()) != EOF) {
        if (c < 'a' || c > 'z') continue;
        if (++length > 1000) return 3;
        if (locker[c - 'a'] == 0) {
            puts("swim");
            return 0;
        }
        if (used[c - 'a'] == locker[c - 'a']) {
            for (int i = 0; i < 26; i++) used[i] = 0;
            hoists++;
        }
        used[c - 'a']++;
    }
    printf("%d\n", hoists);
    return 0;
}
