def ebb(levels):
    best = (0, 0, 0)
    for start, level in enumerate(levels):
        for end in range(start, len(levels)):
            best = max(best, (level - levels[end], start, end), key=lambda found: found[0])
    return best
