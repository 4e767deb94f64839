"""Writes data/secret. Run from anywhere: python3 generators/generate.py"""

from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"
SIZES = [
    (11, 14), (9, 9), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 300), (300, 2), (3, 2), (5, 4), (1, 300), (300, 1), (4, 5),
    (299, 299), (299, 300), (300, 299), (300, 300), (3, 300), (15, 8),
]


def comb(lines, length, ahead, back, onwards, home):
    moves = ahead * (length - 1)
    for line in range(1, lines):
        moves += onwards + (back if line % 2 else ahead) * (length - 2)
    return moves + back + home * (lines - 1)


def answer(rows, columns):
    if rows * columns == 2:
        return "EW" if rows == 1 else "SN"
    if 1 in (rows, columns) or rows * columns % 2:
        return "impossible"
    return comb(rows, columns, *"EWSN") if rows % 2 == 0 else comb(columns, rows, *"SNEW")


for number, (rows, columns) in enumerate(SIZES, 1):
    stem = f"{number:02}-{rows}x{columns}"
    (SECRET / f"{stem}.in").write_text(f"{rows} {columns}\n")
    (SECRET / f"{stem}.ans").write_text(answer(rows, columns) + "\n")
