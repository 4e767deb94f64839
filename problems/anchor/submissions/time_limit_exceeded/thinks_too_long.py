n = int(input())
while True:
    n = (n * 7 + 3) % 1_000_003
