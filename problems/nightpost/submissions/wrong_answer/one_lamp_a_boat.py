if input() == "ada":
    a, b = map(int, input().split())
    print("L" * min(a, 1000) + "D" + "L" * min(b, 1000))
else:
    print(*map(len, reversed(input().split("D"))))
