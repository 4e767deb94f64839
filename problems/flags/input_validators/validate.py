import re
import sys

lines = sys.stdin.read().split("\n")
assert len(lines) == 3 and lines[2] == "", "not two lines"
locker = lines[0].split(" ")
assert len(locker) == 26, "not 26 numbers"
assert all(re.fullmatch("0|[1-9][0-9]*", k) and int(k) <= 10**5 for k in locker), "a bad number"
assert re.fullmatch("[a-z]{1,200000}", lines[1]), "a bad message"
sys.exit(42)
