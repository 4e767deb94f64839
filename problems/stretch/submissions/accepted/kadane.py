input()
best = here = None
for value in map(int, input().split()):
    here = value if here is None or here < 0 else here + value
    best = here if best is None or here > best else best
print(best)
