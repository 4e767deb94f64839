#!/bin/sh
# Builds the two small C programs, contestbox-core (the sandbox's starter and init) and contestbox-compare (the default
# output validator), into PREFIX/libexec/contestbox. Run again it does nothing unless a source or a flag has changed.
#
#   sh installers/core.sh PREFIX        for example: sh installers/core.sh .venv
set -eu

if [ $# -ne 1 ]; then
    echo "usage: sh installers/core.sh PREFIX   (builds into PREFIX/libexec/contestbox)" >&2
    exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
cc=${CC:-gcc}
flags="-std=gnu11 -O2 -static -Wall -Wextra -Werror"
if ! command -v "$cc" >/dev/null; then
    echo "core.sh: no C compiler; install it with: apt-get install gcc libc6-dev" >&2
    exit 1
fi
umask 022
mkdir -p "$1/libexec/contestbox"
target=$(cd "$1/libexec/contestbox" && pwd)

build() { # build NAME SOURCE...
    name=$1
    shift
    stamp=$( { echo "$cc $flags"; "$cc" -dumpfullversion; cat "$@" "${1%/*}"/*.h 2>/dev/null || true; } | sha256sum | cut -d' ' -f1)
    if [ -x "$target/$name" ] && [ "$(cat "$target/.$name.sources" 2>/dev/null || true)" = "$stamp" ]; then
        return
    fi
    # Written beside and renamed: a running node keeps the program that it has open.
    # shellcheck disable=SC2086
    "$cc" $flags -o "$target/.$name.new.$$" "$@"
    chmod 755 "$target/.$name.new.$$"
    mv -f "$target/.$name.new.$$" "$target/$name"
    printf '%s\n' "$stamp" >"$target/.$name.sources"
    echo "core.sh: built $target/$name"
}

build contestbox-core "$root"/judge_node/sandbox/core/*.c
if ls "$root"/judge_node/compare/*.c >/dev/null 2>&1; then
    build contestbox-compare "$root"/judge_node/compare/*.c
fi
