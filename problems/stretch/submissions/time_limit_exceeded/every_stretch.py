n = int(input())
values = list(map(int, input().split()))
best = values[0]
for first in range(n):
    here = 0
    for last in range(first, n):
        here += values[last]
        best = max(best, here)
print(best)
