"""Writes data. Run from anywhere: python3 generators/generate.py"""

from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
CASES = [
    (1, 1),
    (2, 1),
    (2, 2),
    (1000, 1),
    (999_999, 500_000),
    (1_000_000, 1),
    (1_000_000, 1_000_000),
    (786_432, 262_145),
]


def write(stem, n, place):
    (DATA / f"{stem}.in").write_text(f"{n} {place}\n")
    (DATA / f"{stem}.ans").write_text(f"{place}\n")


write("sample/1", 10, 7)
for number, (n, place) in enumerate(CASES, 1):
    write(f"secret/{number:02}-{n}-{place}", n, place)
