# A double has 53 bits, the number of crates may need 60.
from math import ceil

a, c = map(int, input().split())
crates = ceil(a / c)
print(crates, crates * c - a)
