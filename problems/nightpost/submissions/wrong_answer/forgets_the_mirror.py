if input() == "ada":
    a, b = map(int, input().split())
    print(f"{a:030b}{b:030b}".replace("1", "L").replace("0", "D"))
else:
    bits = input().replace("L", "1").replace("D", "0")
    print(int(bits[:30], 2), int(bits[30:], 2))
