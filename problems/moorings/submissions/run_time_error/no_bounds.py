def moored(quay, boats):
    boats = sorted(boats)
    left = quay + 1
    count = 0
    while boats[count] + 1 <= left:
        left -= boats[count] + 1
        count += 1
    return count
