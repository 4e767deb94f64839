# Weighs both sides anew for each block.
n = int(input())
port, starboard, plan = [], [], ""
for block in map(int, input().split()):
    if sum(port) <= sum(starboard):
        port.append(block)
        plan += "P"
    else:
        starboard.append(block)
        plan += "S"
print(plan)
