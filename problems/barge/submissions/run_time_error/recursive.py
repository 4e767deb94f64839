# One level of recursion for each block.
def place(blocks, number, lean):
    if number == len(blocks):
        return ""
    if lean <= 0:
        return "P" + place(blocks, number + 1, lean + blocks[number])
    return "S" + place(blocks, number + 1, lean - blocks[number])


input()
print(place(list(map(int, input().split())), 0, 0))
