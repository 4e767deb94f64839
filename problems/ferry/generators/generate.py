"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"


def crossings(lane, cars):
    loads = []
    left = 0
    for car in cars:
        if car > left or not loads:
            loads.append(0)
            left = lane
        loads[-1] += car
        left -= car
    return len(loads), max(lane - load for load in loads)


def cases():
    rng = random.Random(1871)
    yield "one-car", 9, [4]
    yield "one-car-full", 9, [9]
    yield "all-full", 1000, [1000] * 2000
    yield "ones", 1000, [1] * 2000
    yield "unit-lane", 1, [1] * 150
    yield "alternating", 10, [9, 2] * 500
    yield "no-jumping", 20, [12, 11, 5, 3] * 60
    yield "tail", 30, [10, 10, 10] * 20 + [1]
    for lane, top, n in [(30, 8, 120), (97, 30, 700), (1000, 1000, 2000), (1000, 20, 2000), (500, 260, 1999)]:
        yield f"random-{lane}-{top}", lane, [rng.randint(1, top) for _ in range(n)]


for number, (name, lane, cars) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    (SECRET / f"{stem}.in").write_text(f"{len(cars)} {lane}\n{' '.join(map(str, cars))}\n")
    (SECRET / f"{stem}.ans").write_text("{} {}\n".format(*crossings(lane, cars)))
