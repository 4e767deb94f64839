# Megabytes of every byte there is: the validator has to stay calm.
import sys

sys.stdout.buffer.write(bytes(range(256)) * 12_000)
