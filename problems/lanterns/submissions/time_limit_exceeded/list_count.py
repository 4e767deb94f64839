# list.count looks at every lantern, for every lantern.
n, d = map(int, input().split())
heights = list(map(int, input().split()))
lit = []
knots = 0
for h in heights:
    knots += lit.count(h - d)
    if d:
        knots += lit.count(h + d)
    lit.append(h)
print(knots)
