import importlib
import pathlib
import sys

names = [path.stem for path in pathlib.Path(__file__).parent.glob("*.py") if path.name != "moorings_judge.py"]
if len(names) != 1:
    sys.exit("Submit one file with the function moored.")
quay, count = map(int, sys.stdin.readline().split())
boats = list(map(int, sys.stdin.readline().split()))
print(importlib.import_module(names[0]).moored(quay, boats))
