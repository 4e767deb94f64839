import re
import sys

match = re.fullmatch("([1-9][0-9]{0,6}) ([1-9][0-9]{0,6})\n", sys.stdin.read())
assert match, "not a line with two integers"
assert 1 <= int(match[2]) <= int(match[1]) <= 1_000_000, "out of range"
sys.exit(42)
