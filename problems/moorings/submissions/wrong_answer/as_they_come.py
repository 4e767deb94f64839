def moored(quay, boats):
    left = quay + 1
    count = 0
    for boat in boats:
        if boat + 1 <= left:
            left -= boat + 1
            count += 1
    return count
