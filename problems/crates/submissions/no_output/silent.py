# @EXPECTED_RESULTS@: NO-OUTPUT
apples, size = map(int, input().split())


def pack():
    return -(-apples // size), -apples % size


pack()
