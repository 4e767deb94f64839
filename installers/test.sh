#!/bin/sh
# Sets up what the tests need and runs them, with the linters. Exits 0 only if all of it passes.
#
#   sh installers/test.sh             what every change must pass
#   sh installers/test.sh --full      the long runs as well (more rounds of kills, whole hostile suite)
#   sh installers/test.sh PATH...     only these tests, without the linters
set -eu
cd "$(dirname "$0")/.."
. installers/setup.sh

need_packages "compilers for what teams submit, and for the sandbox's own core" gcc g++ libc6-dev
need_packages "Java for what teams submit" default-jdk-headless
need_packages "Python for what teams submit" python3
need_packages "the sandbox's system call filters" libseccomp2
need_packages "the browser tests" chromium
need_packages "the console's tests" libxcb-cursor0 libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 fontconfig
need_packages "the network namespaces, the sync and the comparison tests" iproute2 strace bubblewrap
make_environment installers/locks/dev.txt
sh installers/core.sh .venv

python=.venv/bin/python
full=
if [ "${1:-}" = --full ]; then
    full=--full
    shift
fi
if [ $# -gt 0 ]; then
    exec "$python" -m pytest $full "$@"
fi

say "Linters"
.venv/bin/ruff check app web judge_node tests
.venv/bin/ruff format --check app web judge_node tests
.venv/bin/mypy
.venv/bin/lint-imports
say "Tests"
export QT_QPA_PLATFORM=offscreen
exec "$python" -m pytest $full
