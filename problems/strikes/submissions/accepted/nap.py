def minutes(clock):
    hours, rest = clock.split(":")
    return 60 * int(hours) + int(rest)


asleep, awake = map(minutes, input().split())
if awake < asleep:
    awake += 24 * 60
total = 0
for half_hour in range(-(-asleep // 30), awake // 30 + 1):
    hour, is_half = divmod(half_hour, 2)
    total += 1 if is_half else (hour - 1) % 12 + 1
print(total)
