# Looks at the head of the queue even when the queue is empty.
n, d = map(int, input().split())
cars = list(map(int, input().split()))
trips, emptiest = 0, 0
while cars:
    left = d
    while cars[0] <= left:
        left -= cars.pop(0)
    trips, emptiest = trips + 1, max(emptiest, left)
print(trips, emptiest)
