# A recursive walk, one call for each jetty.
import sys


def walk(i, j):
    """Moves from (i, j) to the corner for an even number of rows."""
    if j == 0 and i:
        return "N" + (walk(i - 1, 0) if i > 1 else "")
    if i % 2 == 0:
        return "E" + walk(i, j + 1) if j < c - 1 else "S" + walk(i + 1, j)
    if i == r - 1 or j > 1:
        return "W" + walk(i, j - 1)
    return "S" + walk(i + 1, j)


r, c = map(int, input().split())
if r % 2 and c % 2 or min(r, c) == 1 and r * c > 2:
    print("impossible")
    sys.exit()
turned = r % 2
if turned:
    r, c = c, r
moves = walk(0, 0)
print(moves.translate(str.maketrans("NESW", "WSEN")) if turned else moves)
