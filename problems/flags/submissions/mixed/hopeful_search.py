# @EXPECTED_RESULTS@: WRONG-ANSWER, TIMELIMIT
# Tries two hoists, then three, and gives up after that; which of its two faults shows first is up to the tests.
from itertools import combinations

flags = list(map(int, input().split()))
text = input()


def fits(part):
    return all(part.count(letter) <= flags[ord(letter) - 97] for letter in set(part))


def search():
    for cuts in range(3):
        for inner in combinations(range(1, len(text)), cuts):
            ends = (0, *inner, len(text))
            if all(fits(text[a:b]) for a, b in zip(ends, ends[1:])):
                return cuts + 1
    return "swim"


print(search())
