# On a calm evening each lantern makes knots with itself here, and each pair counts twice.
from collections import Counter

n, d = map(int, input().split())
seen = Counter(map(int, input().split()))
print(sum(count * seen[h + d] for h, count in list(seen.items())))
