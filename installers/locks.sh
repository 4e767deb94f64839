#!/bin/sh
# Makes the lock files anew from pyproject.toml, keeping the versions that still fit; --upgrade takes the newest ones.
#
#   sh installers/locks.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
if [ ! -x "$uv" ]; then
    echo "locks.sh: uv makes the locks; install it with: .venv/bin/python -m pip install uv" >&2
    exit 1
fi

lock() { # lock NAME OPTION...
    name=$1
    shift
    "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate "$@" -o "installers/locks/$name.txt"
}

for extra in judge server console; do lock "$extra" "$@" --extra "$extra" pyproject.toml; done
lock dev "$@" --all-extras pyproject.toml
echo "setuptools>=77" | lock build "$@" -
