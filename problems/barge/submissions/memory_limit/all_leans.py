# @EXPECTED_RESULTS@: MEMORY-LIMIT
# A table of every lean after every block: right, and far too large.
n = int(input())
weights = list(map(int, input().split()))
bound = max(weights)

came_by = [[None] * (2 * bound + 1) for _ in range(n + 1)]
reached = {0}
for number, weight in enumerate(weights, 1):
    after = set()
    for lean in reached:
        for side, new in (("P", lean + weight), ("S", lean - weight)):
            if abs(new) <= bound:
                came_by[number][new + bound] = side
                after.add(new)
    reached = after

lean, plan = min(reached), []
for number in range(n, 0, -1):
    side = came_by[number][lean + bound]
    plan.append(side)
    lean += -weights[number - 1] if side == "P" else weights[number - 1]
print("".join(reversed(plan)))
