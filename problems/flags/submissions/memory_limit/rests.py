# @EXPECTED_RESULTS@: MEMORY-LIMIT
# Keeps the rest of the message after every letter, twenty billion letters in all.
locker = dict(zip("abcdefghijklmnopqrstuvwxyz", map(int, input().split())))
message = input()
rests = [message[start:] for start in range(len(message))]


def hoists():
    count, left = 1, locker.copy()
    for rest in rests:
        if locker[rest[0]] == 0:
            return "swim"
        if left[rest[0]] == 0:
            count, left = count + 1, locker.copy()
        left[rest[0]] -= 1
    return count


print(hoists())
