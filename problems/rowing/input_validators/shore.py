import re
import sys

LINE = re.compile(r"(0|-?[1-9]\d*) ([1-9]\d*) (0|-?[1-9]\d*) ([1-9]\d*) ([1-9]\d*)", re.ASCII)


def main():
    first, *rest = sys.stdin.read().split("\n")
    if not re.fullmatch("[1-9][0-9]{0,3}", first) or int(first) > 1000:
        return "bad number of evenings"
    if len(rest) != int(first) + 1 or rest[-1]:
        return "wrong number of lines"
    for line in rest[:-1]:
        match = LINE.fullmatch(line)
        if not match:
            return f"bad line {line!r}"
        x, y, q, r, w = map(int, match.groups())
        if max(abs(x), abs(q), y) > 10**4 or max(r, w) > 100:
            return f"out of range: {line!r}"
    return 42


sys.exit(main())
