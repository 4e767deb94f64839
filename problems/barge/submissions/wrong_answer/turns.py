# Takes turns, whatever the blocks weigh.
n = int(input())
print(("PS" * n)[:n])
