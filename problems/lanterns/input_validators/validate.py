import re
import sys

data = sys.stdin.buffer.read()
if not re.fullmatch(rb"[1-9][0-9]{0,6} (0|[1-9][0-9]{0,3})\n(?:(?:0|[1-9][0-9]{0,3})[ \n])+", data):
    sys.exit("something else than plain integers with single blanks")
if data.count(b"\n") != 2 or not data.endswith(b"\n"):
    sys.exit("not two lines")
n, d, *heights = map(int, data.split())
if not (1 <= n <= 10**6 and d <= 1000 and len(heights) == n and max(heights) <= 1000):
    sys.exit("out of range")
sys.exit(42)
