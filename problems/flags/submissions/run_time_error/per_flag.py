# Divides by the number of flags, and some are lost.
locker = list(map(int, input().split()))
message = input()
rates = [message.count(chr(97 + i)) / k for i, k in enumerate(locker)]
print("swim" if float("inf") in rates else max(1, round(max(rates))))
