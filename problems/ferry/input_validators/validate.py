import re
import sys

NUMBER = re.compile(r"0|[1-9][0-9]{0,6}")


def integers(line, low, high):
    words = line.split(" ")
    assert all(NUMBER.fullmatch(word) for word in words), f"not plain integers: {line[:60]!r}"
    values = [int(word) for word in words]
    assert all(low <= value <= high for value in values), f"out of {low}..{high}: {line[:60]!r}"
    return values


text = sys.stdin.read()
assert text.endswith("\n"), "the last line has no end"
lines = text[:-1].split("\n")
assert len(lines) == 2, f"{len(lines)} lines"
n, d = integers(lines[0], 1, 2000)
assert d <= 1000, "the lane is too long"
assert len(integers(lines[1], 1, d)) == n, "wrong number of cars"
sys.exit(42)
