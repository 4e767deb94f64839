"""Levels of a lake: DAYS HIGHEST SHAPE SEED. The same words give the same levels."""

import random
import sys

days, highest, shape, seed = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
source = random.Random(seed)
levels = [source.randint(0, highest) for _ in range(days)]
if shape != "mixed":
    levels.sort(reverse=shape == "falling")
print(days)
print(*levels)
