import re
import sys

match = re.fullmatch(r"([1-9][0-9]{0,5})\n([1-9][0-9]{0,3}(?: [1-9][0-9]{0,3})*)\n", sys.stdin.read())
if match is None:
    sys.exit("not two lines of plain integers")
weights = [int(word) for word in match[2].split()]
if len(weights) != int(match[1]) or len(weights) > 10**5 or max(weights) > 1000:
    sys.exit("out of range")
sys.exit(42)
