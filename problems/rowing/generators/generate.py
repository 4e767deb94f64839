"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from decimal import Decimal, getcontext
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"
getcontext().prec = 40


def seconds(x, y, q, r, w):
    along = Decimal(abs(x - q))
    rowed = along
    if w > r:
        rowed = min(along, Decimal(y * r) / Decimal(w * w - r * r).sqrt())
    return (rowed * rowed + y * y).sqrt() / r + (along - rowed) / w


def cases():
    rng = random.Random(1621)
    far = 10**4
    yield "thousand", [
        (rng.randint(-far, far), rng.randint(1, far), rng.randint(-far, far), rng.randint(1, 100), rng.randint(1, 100))
        for _ in range(1000)
    ]
    yield "at-the-cabin", [(5, 7, 5, 3, 9), (-5, 1, -5, 100, 1), (0, 10000, 0, 1, 100)]
    yield "corners", [
        (x, y, q, r, w) for x in (-far, far) for y in (1, far) for q in (-far, far) for r in (1, 99, 100) for w in (1, 99, 100)
    ]
    yield "near-the-turn", [(x, 300, 0, 30, 50) for x in range(200, 250)]
    yield "equal-speeds", [(rng.randint(-50, 50), rng.randint(1, 50), 0, s, s) for s in range(1, 101)]
    yield "slow-boat", [
        (rng.randint(-far, far), rng.randint(1, 60), rng.randint(-far, far), rng.randint(1, 9), rng.randint(20, 100))
        for _ in range(1000)
    ]


for number, (name, evenings) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    lines = [" ".join(map(str, evening)) for evening in evenings]
    (SECRET / f"{stem}.in").write_text("\n".join([str(len(lines)), *lines]) + "\n")
    (SECRET / f"{stem}.ans").write_text("".join(f"{seconds(*evening):.12f}\n" for evening in evenings))
