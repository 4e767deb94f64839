def ebb(levels):
    high = best = 0
    for level in levels:
        high = max(high, level)
        best = max(best, high - level)
    return best, -1, -1
