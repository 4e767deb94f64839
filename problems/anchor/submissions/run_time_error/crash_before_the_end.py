low, high = 1, int(input())
while low < high:
    middle = (low + high) // 2
    print("?", middle, flush=True)
    answer = input()
    low, high = {"west": (low, middle - 1), "east": (middle + 1, high)}[answer]
print("!", low)
