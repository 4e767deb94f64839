def ebb(levels):
    high, best = 0, (0, 0, 0)
    for day, level in enumerate(levels):
        if level > levels[high]:
            high = day
        best = max(best, (levels[high] - level, high, day), key=lambda found: found[0])
    return best
