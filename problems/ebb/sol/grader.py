import sys

from ebb import ebb

words = sys.stdin.read().split()
print(*ebb([int(word) for word in words[1:]]))
