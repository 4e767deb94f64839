"""Writes data/secret from fixed seeds. Run from anywhere: python3 generators/generate.py"""

import random
from pathlib import Path

SECRET = Path(__file__).resolve().parent.parent / "data" / "secret"
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def answer(locker, message):
    hoists, used = 1, [0] * 26
    for letter in message:
        c = ord(letter) - ord("a")
        if locker[c] == 0:
            return "swim"
        if used[c] == locker[c]:
            hoists, used = hoists + 1, [0] * 26
        used[c] += 1
    return hoists


def cases():
    rng = random.Random(26)

    def text(letters, length):
        return "".join(rng.choices(letters, k=length))

    yield "one-letter", [0] * 25 + [1], "z"
    yield "no-flag", [1] * 25 + [0], "z"
    yield "one-each", [1] * 26, "abcabcabcaabbcc"
    yield "just-fits", [3] * 26, "abc" * 3
    yield "lost-at-the-end", [100_000] * 25 + [0], text("abc", 199_999) + "z"
    yield "huge-locker", [100_000] * 26, "a" * 100_000 + "b" * 100_000
    yield "two-halves", [100_000] + [0] * 25, "a" * 200_000
    yield "one-by-one", [1] * 26, "q" * 200_000
    yield "not-the-total", [0] * 4 + [2, 1] + [0] * 20, "eefeefeeffffeeee"
    yield "small", [2, 1, 3] + [1] * 23, text("abcdef", 60)
    yield "few-flags", [rng.randint(1, 4) for _ in LETTERS], text(LETTERS, 200_000)
    yield "many-flags", [rng.randint(500, 4000) for _ in LETTERS], text(LETTERS + "eeetttaaoo", 200_000)
    yield "rare", [1, 90_000] + [40_000] * 24, text("b" * 400 + "a" + LETTERS[2:], 200_000)


for number, (name, locker, message) in enumerate(cases(), 1):
    stem = f"{number:02}-{name}"
    (SECRET / f"{stem}.in").write_text(f"{' '.join(map(str, locker))}\n{message}\n")
    (SECRET / f"{stem}.ans").write_text(f"{answer(locker, message)}\n")
