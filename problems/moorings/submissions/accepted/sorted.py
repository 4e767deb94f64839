def moored(quay, boats):
    used = -1
    for count, boat in enumerate(sorted(boats)):
        used += boat + 1
        if used > quay:
            return count
    return len(boats)
