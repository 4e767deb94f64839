#include <stdio.h>

int main(void)
{
	int n, d, len, left, trips = 1, emptiest = 0;

	if (scanf("%d%d", &n, &d) != 2)
		return 1;
	left = d;
	while (n-- > 0 && scanf("%d", &len) == 1) {
		if (len > left) {
			if (left > emptiest)
				emptiest = left;
			left = d;
			trips++;
		}
		left -= len;
	}
	if (left > emptiest)
		emptiest = left;
	printf("%d %d\n", trips, emptiest);
	return 0;
}
