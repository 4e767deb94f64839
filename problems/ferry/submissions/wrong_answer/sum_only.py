# Treats the cars like sand.
n, d = map(int, input().split())
total = sum(map(int, input().split()))
trips = (total + d - 1) // d
print(trips, trips * d - total)
