# Never heard of naps that last past midnight.
(a, b), (c, d) = (map(int, t.split(":")) for t in input().split())
total = 0
for now in range(a * 60 + b, c * 60 + d + 1):
    if now % 60 == 0:
        total += (now // 60 - 1) % 12 + 1
    elif now % 60 == 30:
        total += 1
print(total)
