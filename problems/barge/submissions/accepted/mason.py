input()
port = starboard = 0
plan = []
for block in map(int, input().split()):
    if port <= starboard:
        port += block
        plan.append("P")
    else:
        starboard += block
        plan.append("S")
print("".join(plan))
