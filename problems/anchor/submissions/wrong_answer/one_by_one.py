n = int(input())
for buoy in range(1, n + 1):
    print("?", buoy, flush=True)
    if input() == "here":
        print("!", buoy)
        break
