"""Called as: lamps INPUT ANSWER FEEDBACKDIR/ < OUTPUT. The input is that of the present run, so its first word tells which one it is."""

import sys
from pathlib import Path

keeper = Path(sys.argv[1]).read_text().split()[0]
wanted = Path(sys.argv[2]).read_text().split()
feedback = Path(sys.argv[3])
words = sys.stdin.buffer.read(1000).decode("ascii", "replace").split()


def leave(code, message):
    with (feedback / "judgemessage.txt").open("a") as file:
        file.write(f"{keeper}: {message}\n")
    sys.exit(code)


if keeper == "ada":
    if len(words) != 1 or not 1 <= len(words[0]) <= 64 or set(words[0]) - set("LD"):
        leave(43, "not one word of at most 64 letters L and D")
    (feedback / "nextpass.in").write_text(f"ben\n{words[0][::-1]}\n")
    leave(42, f"{len(words[0])} lamps")
if words != wanted:
    leave(43, f"{' '.join(words)[:60]!r} instead of {' '.join(wanted)!r}")
leave(42, "the numbers have arrived")
