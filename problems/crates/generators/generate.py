"""Writes data/secret. Run from anywhere: python3 generators/generate.py"""

from pathlib import Path

HERE = Path(__file__).resolve().parent.parent / "data" / "secret"
CASES = {
    "01-max": (10**18, 1),
    "02-just-full": (1_000_000, 1_000_000),
    "03-one-over": (1_000_001, 1_000_000),
    "04-one-under": (999_999, 1_000_000),
    "05-single": (1, 1),
    "06-single-wide": (1, 1_000_000),
    "07-int-limit": (2**31 - 1, 2),
    "08-int-limit": (2**31, 7),
    "09-unsigned-limit": (2**32, 1000),
    "10-double-limit": (2**53 + 1, 1),
    "11-precision": (10**18 - 1, 3),
    "12-precision": (999_999_999_999_999_990, 999_983),
    "13-plain": (40_000, 64),
}
for name, (apples, size) in CASES.items():
    crates = (apples + size - 1) // size
    (HERE / f"{name}.in").write_text(f"{apples} {size}\n")
    (HERE / f"{name}.ans").write_text(f"{crates} {crates * size - apples}\n")
