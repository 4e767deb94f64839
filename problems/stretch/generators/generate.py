"""Writes data. Run from anywhere: python3 generators/generate.py"""

from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
TOP = 10**9


def numbers(seed, count, low, high):
    found = []
    for _ in range(count):
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        found.append(low + (seed >> 33) % (high - low + 1))
    return found


def best(values):
    here = most = values[0]
    for value in values[1:]:
        here = value + max(here, 0)
        most = max(most, here)
    return most


def write(stem, values):
    (DATA / f"{stem}.in").write_text(f"{len(values)}\n{' '.join(map(str, values))}\n")
    (DATA / f"{stem}.ans").write_text(f"{best(values)}\n")


write("sample/1", [3, -5, 4, -1, 2, -7, 1])
write("sample/2", [-8, -3, -5])
for number, values in enumerate([[7], [1] * 300, numbers(1, 300, 1, TOP), [TOP] * 300], 1):
    write(f"secret/1/{number:02}", values)
for number, values in enumerate(
    [[-7], [-TOP] * 300, numbers(2, 300, -TOP, TOP), numbers(3, 299, -10, 10), [5, -6] * 150, numbers(4, 300, -9, 2)], 1
):
    write(f"secret/2/{number:02}", values)
for number, values in enumerate(
    [numbers(5, 20_000, -TOP, TOP), [1, -1] * 10_000, [TOP] * 20_000, numbers(6, 20_000, -5, 5)], 1
):
    write(f"secret/3/{number:02}", values)
