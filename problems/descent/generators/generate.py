"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"


def answer(altitude, trails):
    below = [[] for _ in altitude]
    for a, b, length in trails:
        if altitude[a] != altitude[b]:
            top, bottom = (a, b) if altitude[a] > altitude[b] else (b, a)
            below[top].append((bottom, length))
    far = [0] * len(altitude)
    for hut in sorted(range(len(altitude)), key=lambda i: altitude[i]):
        far[hut] = max((length + far[lower] for lower, length in below[hut]), default=0)
    return max(far)


def random_mountain(rng, huts, trails, top):
    altitude = [rng.randint(0, top) for _ in range(huts)]
    pairs = [rng.sample(range(huts), 2) for _ in range(trails)]
    return altitude, [(a, b, rng.randint(1, 10**4)) for a, b in pairs]


def ladder(rng, levels, width):
    """Huts in levels, each joined with all huts of the next level."""
    altitude = [900_000 - 900 * (i // width) for i in range(levels * width)]
    trails = [
        (level * width + i, (level + 1) * width + j, rng.randint(1, 10**4))
        for level in range(levels - 1)
        for i in range(width)
        for j in range(width)
    ]
    return altitude, trails


def chain(rng):
    """The longest chain there can be, its huts and trails in the worst order for going through them in rounds."""
    altitude = list(range(50_000))
    trails = [(i, i + 1, rng.randint(1, 10**4)) for i in range(49_999)]
    trails += [(i, i + 1, 10**4) for i in range(49_999)]
    trails.reverse()
    return altitude, trails


def shuffled(rng, altitude, trails):
    name = list(range(len(altitude)))
    rng.shuffle(name)
    renamed = [0] * len(altitude)
    for hut, height in enumerate(altitude):
        renamed[name[hut]] = height
    trails = [(name[a], name[b], length) if rng.random() < 0.5 else (name[b], name[a], length) for a, b, length in trails]
    rng.shuffle(trails)
    return renamed, trails


def cases():
    rng = random.Random(4478)
    yield "one-hut", ([1234], [])
    yield "chain", chain(rng)
    yield "ladder", shuffled(rng, *ladder(rng, 900, 2))
    yield "level", ([500] * 50, [(i, i + 1, 10) for i in range(49)])
    yield "parallel", ([10, 20], [(0, 1, 5), (1, 0, 9), (0, 1, 7)])
    yield "greedy-trap", ([50, 40, 40, 30, 0], [(0, 1, 10**4), (0, 2, 9999), (2, 3, 2), (3, 4, 1)])
    yield "no-trails", ([rng.randint(0, 900_000) for _ in range(50_000)], [])
    yield "small", random_mountain(rng, 12, 30, 20)
    yield "terraces", random_mountain(rng, 3000, 60_000, 12)
    yield "wide-ladder", shuffled(rng, *ladder(rng, 90, 30))
    yield "big-random", random_mountain(rng, 50_000, 100_000, 900_000)


for number, (name, (altitude, trails)) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    lines = [f"{len(altitude)} {len(trails)}", " ".join(map(str, altitude))]
    lines += [f"{a + 1} {b + 1} {length}" for a, b, length in trails]
    (SECRET / f"{stem}.in").write_text("\n".join(lines) + "\n")
    (SECRET / f"{stem}.ans").write_text(f"{answer(altitude, trails)}\n")
