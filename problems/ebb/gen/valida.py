"""Whether an input is as the statement says: FILE SUBTASK."""

import re
import sys

MOST_DAYS = {1: 100000, 2: 100, 3: 100000}
with open(sys.argv[1]) as file:
    text = file.read()
match = re.fullmatch(r"(0|[1-9]\d*)\n((?:0|[1-9]\d*)(?: (?:0|[1-9]\d*))*)\n", text)
if not match:
    sys.exit("two lines are expected: the number of days, and their levels")
days, levels = int(match[1]), [int(word) for word in match[2].split()]
if not 1 <= days <= MOST_DAYS[int(sys.argv[2])] or len(levels) != days or max(levels) > 10**9:
    sys.exit("a number is out of its range")
