# The scarcest letter alone gives a lower bound, not the answer.
locker = list(map(int, input().split()))
message = input()
hoists = 1
for letter, k in zip("abcdefghijklmnopqrstuvwxyz", locker):
    count = message.count(letter)
    if count and not k:
        print("swim")
        break
    if count:
        hoists = max(hoists, -(-count // k))
else:
    print(hoists)
