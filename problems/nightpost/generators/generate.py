"""Writes data. Run from anywhere: python3 generators/generate.py"""

from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
TOP = 10**9
CASES = [(TOP, TOP), (0, 0), (0, TOP), (TOP, 0), (536870912, 536870911), (123456789, 987654321)]


def write(stem, a, b):
    (DATA / f"{stem}.in").write_text(f"ada\n{a} {b}\n")
    (DATA / f"{stem}.ans").write_text(f"{a} {b}\n")


write("sample/1", 2, 1)
for number, (a, b) in enumerate(CASES, 1):
    write(f"secret/{number:02}", a, b)
