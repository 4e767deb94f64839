"""Called as: balance.py INPUT ANSWER FEEDBACKDIR/ < OUTPUT. Exit 42: the barge stays upright, 43: it does not."""

import sys
from pathlib import Path


def fault(weights, output):
    """What is wrong with the output, or None."""
    words = output.split(maxsplit=1)
    if not words:
        return "there is no output"
    if len(words) > 1:
        return "there is more than one word"
    sides = words[0]
    if len(sides) != len(weights):
        return f"{len(sides)} letters for {len(weights)} blocks"
    heaviest = max(weights)
    lean = 0
    for number, (side, weight) in enumerate(zip(sides, weights), 1):
        if side == ord("P"):
            lean += weight
        elif side == ord("S"):
            lean -= weight
        else:
            return f"letter {number} is {bytes([side])!r}, neither P nor S"
        if abs(lean) > heaviest:
            return f"after block {number} the sides differ by {abs(lean)}, more than {heaviest}"
    return None


def main():
    input_path, _, feedback = sys.argv[1:4]
    weights = list(map(int, Path(input_path).read_text().split()[1:]))
    message = fault(weights, sys.stdin.buffer.read())
    if message is None:
        return 42
    (Path(feedback) / "judgemessage.txt").write_text(message + "\n")
    return 43


if __name__ == "__main__":
    sys.exit(main())
