import sys

lines = sys.stdin.read().split("\n")
assert len(lines) == 3 and lines[2] == "", "not two lines"
n = int(lines[0])
assert str(n) == lines[0] and 1 <= n <= 200_000, "not a length"
numbers = lines[1].split(" ")
assert len(numbers) == n, "not that many numbers"
assert all(str(int(word)) == word and abs(int(word)) <= 10**9 for word in numbers), "not an integer in range"
sys.exit(42)
