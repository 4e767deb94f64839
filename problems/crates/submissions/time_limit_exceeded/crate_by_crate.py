# Packs for a few million years.
apples, size = map(int, input().split())
crates = 0
while apples > 0:
    apples -= size
    crates += 1
print(crates, -apples)
