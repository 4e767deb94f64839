"""Writes data from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"


def moored(quay, boats):
    used = count = 0
    for boat in sorted(boats):
        used += boat + (count > 0)
        if used > quay:
            break
        count += 1
    return count


def cases():
    rng = random.Random(1904)
    yield "sample/1", 20, [9, 4, 12, 5, 8]
    yield "sample/2", 3, [7]
    yield "secret/01-one-boat", 5, [5]
    yield "secret/02-all-of-them", 14, [3, 2, 4, 2]
    yield "secret/03-gap-decides", 14, [5, 5, 4]
    yield "secret/04-none", 1, [2] * 40
    yield "secret/05-shortest-last", 30, [20, 19, 6, 5, 4, 3, 2]
    yield "secret/06-ones", 1999, [1] * 1500
    yield "secret/07-equal", 10**12, [1000] * 2000
    yield "secret/08-random", 40_000, [rng.randint(1, 900) for _ in range(800)]
    yield "secret/09-large", 10**11, [rng.randint(900_000, 10**6) for _ in range(60_000)]
    yield "secret/10-half", 12 * 10**9, [rng.randint(1, 10**6) for _ in range(100_000)]


for stem, quay, boats in cases():
    place = DATA / stem
    place.parent.mkdir(parents=True, exist_ok=True)
    place.with_suffix(".in").write_text(f"{quay} {len(boats)}\n{' '.join(map(str, boats))}\n")
    place.with_suffix(".ans").write_text(f"{moored(quay, boats)}\n")
