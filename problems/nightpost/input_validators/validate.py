import re
import sys

match = re.fullmatch("ada\n(0|[1-9][0-9]{0,9}) (0|[1-9][0-9]{0,9})\n", sys.stdin.read())
assert match, "not the word ada and a line with two integers"
assert max(int(match[1]), int(match[2])) <= 10**9, "out of range"
sys.exit(42)
