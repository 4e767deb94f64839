import re
import sys

match = re.fullmatch("([1-9][0-9]{0,2}) ([1-9][0-9]{0,2})\n", sys.stdin.read())
assert match, "not a line with two integers"
r, c = int(match[1]), int(match[2])
assert r <= 300 and c <= 300 and r * c >= 2, "out of range"
sys.exit(42)
