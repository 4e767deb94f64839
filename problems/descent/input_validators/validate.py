import re
import sys


def numbers(line):
    assert re.fullmatch(r"(?:0|[1-9][0-9]{0,5})(?: (?:0|[1-9][0-9]{0,5}))*", line), f"bad line {line[:50]!r}"
    return [int(word) for word in line.split(" ")]


lines = sys.stdin.read().split("\n")
assert lines.pop() == "", "the last line has no end"
n, m = numbers(lines[0])
assert 1 <= n <= 50_000 and m <= 100_000, "n or m out of range"
assert len(lines) == m + 2, "wrong number of lines"
altitudes = numbers(lines[1])
assert len(altitudes) == n and max(altitudes) <= 900_000, "bad altitudes"
for line in lines[2:]:
    a, b, length = numbers(line)
    assert 1 <= a <= n and 1 <= b <= n and a != b and 1 <= length <= 10**4, f"bad trail {line!r}"
sys.exit(42)
