import sys
from collections import Counter

words = sys.stdin.buffer.read().split()
d = int(words[1])
lanterns = Counter()
for word, times in Counter(words[2:]).items():
    lanterns[int(word)] = times
if d == 0:
    print(sum(c * (c - 1) // 2 for c in lanterns.values()))
else:
    print(sum(c * lanterns.get(h + d, 0) for h, c in lanterns.items()))
