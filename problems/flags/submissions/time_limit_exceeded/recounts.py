# Counts the whole hoist again for each flag.
flags = list(map(int, input().split()))
message = input()
hoists, start, possible = 1, 0, True
for end, letter in enumerate(message):
    k = flags[ord(letter) - ord("a")]
    possible &= k > 0
    if possible and sum(other == letter for other in message[start:end + 1]) > k:
        hoists, start = hoists + 1, end
print(hoists if possible else "swim")
