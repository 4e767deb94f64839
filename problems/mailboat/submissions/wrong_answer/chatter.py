# Bytes that are no letters, and far too many of them.
import sys

sys.stdout.buffer.write(b"\x00\xff\xfe NESW impossible \r\n" * 150_000)
