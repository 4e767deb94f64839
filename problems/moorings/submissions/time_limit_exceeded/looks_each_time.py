def moored(quay, boats):
    boats = list(boats)
    left = quay + 1
    count = 0
    while boats:
        shortest = min(boats)
        if shortest + 1 > left:
            break
        boats.remove(shortest)
        left -= shortest + 1
        count += 1
    return count
