"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"


def plan(weights):
    lean, sides = 0, []
    for weight in weights:
        sides.append("S" if lean > 0 else "P")
        lean += -weight if lean > 0 else weight
    return "".join(sides)


def cases():
    rng = random.Random(90)
    yield "single", [1000]
    yield "full-load", [rng.randint(1, 1000) for _ in range(10**5)]
    yield "two", [3, 3]
    yield "pebbles", [1] * 999
    yield "rising", list(range(1, 1001))
    yield "falling", list(range(1000, 0, -1))
    yield "heavy-then-light", [1000] * 7 + [1] * 5000
    yield "light-then-heavy", [1] * 5000 + [1000] * 7
    yield "big-small", [999, 1] * 400
    yield "random-small", [rng.randint(1, 5) for _ in range(40)]
    yield "heavies", [rng.randint(900, 1000) for _ in range(10**5)]


for number, (name, weights) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    (SECRET / f"{stem}.in").write_text(f"{len(weights)}\n{' '.join(map(str, weights))}\n")
    (SECRET / f"{stem}.ans").write_text(plan(weights) + "\n")
