import re
import sys

clock = r"([01][0-9]|2[0-3]):[0-5][0-9]"
sys.exit(42 if re.fullmatch(f"{clock} {clock}\n", sys.stdin.read()) else 1)
