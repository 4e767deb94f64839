from string import ascii_lowercase

locker = dict(zip(ascii_lowercase, map(int, input().split())))
message = input()

if any(locker[letter] == 0 for letter in set(message)):
    print("swim")
else:
    hoists, left = 0, dict.fromkeys(ascii_lowercase, 0)
    for letter in message:
        if not left[letter]:
            hoists, left = hoists + 1, locker.copy()
        left[letter] -= 1
    print(max(hoists, 1))
