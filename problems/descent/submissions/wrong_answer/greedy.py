# Takes the longest trail at each hut and does not look ahead.
import sys

data = list(map(int, sys.stdin.buffer.read().split()))
n, m = data[:2]
h = data[1:n + 2]
longest = [(0, 0)] * (n + 1)
for i in range(n + 2, n + 2 + 3 * m, 3):
    a, b, length = data[i:i + 3]
    if h[a] < h[b]:
        a, b = b, a
    if h[a] > h[b]:
        longest[a] = max(longest[a], (length, b))
total = [0] * (n + 1)
for hut in sorted(range(1, n + 1), key=lambda i: h[i]):
    length, to = longest[hut]
    total[hut] = length + total[to]
print(max(total))
