import re
import sys

text = sys.stdin.read()
number = r"(0|[1-9][0-9]*)"
match = re.fullmatch(rf"{number} {number}\n", text)
if not match:
    sys.exit("expected exactly one line with two integers")
apples, size = map(int, match.groups())
if not 1 <= apples <= 10**18:
    sys.exit(f"a = {apples} is out of range")
if not 1 <= size <= 10**6:
    sys.exit(f"c = {size} is out of range")
sys.exit(42)
