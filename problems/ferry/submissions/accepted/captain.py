n, d = map(int, input().split())
loads = [0]
for car in map(int, input().split()):
    if loads[-1] + car > d:
        loads.append(0)
    loads[-1] += car
print(len(loads), d - min(loads))
