# Forgets that the clock starts over at midnight, and so sleeps for ever.
asleep, awake = (60 * int(t[:2]) + int(t[3:]) for t in input().split())
now, total = asleep, 0
while True:
    if now % 30 == 0:
        total += 1 if now % 60 else (now // 60 - 1) % 12 + 1
    if now == awake:
        break
    now += 1
print(total)
