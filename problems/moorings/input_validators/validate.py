import re
import sys

NUMBER = re.compile(r"[1-9][0-9]{0,12}")


def integers(line, high):
    words = line.split(" ")
    assert all(NUMBER.fullmatch(word) for word in words), f"not plain integers: {line[:60]!r}"
    values = [int(word) for word in words]
    assert all(value <= high for value in values), f"over {high}: {line[:60]!r}"
    return values


text = sys.stdin.read()
assert text.endswith("\n"), "the last line has no end"
lines = text[:-1].split("\n")
assert len(lines) == 2, f"{len(lines)} lines"
quay, count = integers(lines[0], 10**12)
assert count <= 100_000, "too many boats"
assert len(integers(lines[1], 10**6)) == count, "wrong number of boats"
sys.exit(42)
