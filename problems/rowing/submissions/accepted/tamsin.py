from math import hypot, sqrt

for _ in range(int(input())):
    x, y, q, r, w = map(int, input().split())
    along = abs(q - x)
    rowed = min(along, y * r / sqrt(w * w - r * r)) if w > r else along
    print(hypot(rowed, y) / r + (along - rowed) / w)
