import sys


def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    altitude = data[1:n + 2]  # altitude[1] is the first hut's
    trails = [[] for _ in range(n + 1)]
    for i in range(n + 2, n + 2 + 3 * m, 3):
        a, b, length = data[i:i + 3]
        if altitude[a] > altitude[b]:
            trails[a].append((b, length))
        elif altitude[a] < altitude[b]:
            trails[b].append((a, length))

    farthest = [0] * (n + 1)
    for hut in sorted(range(1, n + 1), key=altitude.__getitem__):
        for lower, length in trails[hut]:
            if length + farthest[lower] > farthest[hut]:
                farthest[hut] = length + farthest[lower]
    print(max(farthest))


main()
