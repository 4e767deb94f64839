if input() == "ada":
    a, b = map(int, input().split())
    print(f"{a:030b}{b:030b}".replace("1", "L").replace("0", "D"))
else:
    print(*sorted(input())[60])
