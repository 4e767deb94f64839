def tour(rows, columns):
    """The moves for an even number of rows, at least 2 by 2."""
    pair = "S" + "W" * (columns - 2) + "S" + "E" * (columns - 2)
    return "E" * (columns - 1) + pair * (rows // 2 - 1) + "S" + "W" * (columns - 1) + "N" * (rows - 1)


r, c = map(int, input().split())
if (r, c) == (1, 2):
    print("EW")
elif (r, c) == (2, 1):
    print("SN")
elif 1 in (r, c) or r * c % 2:
    print("impossible")
elif r % 2 == 0:
    print(tour(r, c))
else:
    print(tour(c, r).translate(str.maketrans("NESW", "WSEN")))
