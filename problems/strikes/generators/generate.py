"""Writes the 200 naps of data/secret from a fixed seed. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"
DAY = 24 * 60
BY_HAND = [
    "23:59 00:00", "12:00 12:00", "00:00 00:00", "00:00 23:59", "00:01 00:00", "12:01 12:00", "00:30 00:30", "23:30 23:30",
    "23:31 00:29", "11:59 12:01", "00:29 00:31", "12:30 12:29", "07:00 06:59", "06:59 07:00", "13:00 01:00", "01:00 13:00",
    "09:31 09:59", "23:00 22:59", "22:59 23:00", "00:00 00:01",
]


def strokes(minute):
    hour, rest = divmod(minute % DAY, 60)
    return {0: (hour + 11) % 12 + 1, 30: 1}.get(rest, 0)


def clock(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


def minute(text):
    return 60 * int(text[:2]) + int(text[3:])


rng = random.Random(2330)
naps = dict.fromkeys(BY_HAND)
while len(naps) < 200:
    start = rng.choice([rng.randrange(DAY), 30 * rng.randrange(48)])
    length = rng.choice([rng.randrange(DAY), rng.randrange(90), 30 * rng.randrange(48)])
    naps[f"{clock(start)} {clock((start + length) % DAY)}"] = None
for number, nap in enumerate(naps, 1):
    start, end = map(minute, nap.split())
    length = (end - start) % DAY
    (SECRET / f"{number:03}.in").write_text(nap + "\n")
    (SECRET / f"{number:03}.ans").write_text(f"{sum(strokes(start + t) for t in range(length + 1))}\n")
