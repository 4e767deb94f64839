# A descent may pass more huts than Python's stack has room for.
import sys
from functools import cache

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[:2]
altitude = data[1:n + 2]
trails = [[] for _ in range(n + 1)]
for i in range(n + 2, n + 2 + 3 * m, 3):
    a, b, length = data[i:i + 3]
    if altitude[a] < altitude[b]:
        a, b = b, a
    if altitude[a] > altitude[b]:
        trails[a].append((b, length))


@cache
def farthest(hut):
    return max((length + farthest(lower) for lower, length in trails[hut]), default=0)


print(max(map(farthest, range(n, 0, -1))))
