"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from collections import Counter
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"


def knots(d, heights):
    seen = Counter(heights)
    if d == 0:
        return sum(c * (c - 1) // 2 for c in seen.values())
    return sum(c * seen.get(h + d, 0) for h, c in seen.items())


def cases():
    rng = random.Random(814)
    yield "lonely", 0, [17]
    yield "calm", 0, [5, 5, 5, 6]
    yield "top-and-bottom", 1000, [0, 1000, 1000, 0, 500]
    yield "nothing", 3, [1, 2, 3] * 20
    yield "million-low", 1, rng.choices(range(10), k=10**6)
    yield "million-high", 77, rng.choices(range(1001), weights=[h + 1 for h in range(1001)], k=10**6)
    yield "calm-crowd", 0, [rng.randint(7, 9) for _ in range(150_000)]
    yield "stairs", 250, [h for h in range(0, 1001, 125) for _ in range(2000)]
    yield "random-small", 4, [rng.randint(0, 30) for _ in range(60)]
    yield "random-medium", 1000, [rng.choice([0, 1000, rng.randint(0, 1000)]) for _ in range(30_000)]


for number, (name, d, heights) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    (SECRET / f"{stem}.in").write_text(f"{len(heights)} {d}\n{' '.join(map(str, heights))}\n")
    (SECRET / f"{stem}.ans").write_text(f"{knots(d, heights)}\n")
