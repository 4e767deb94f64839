#!/bin/sh
# Sets up what is missing and runs the demo contest: server, judge node, sample problems, a dozen teams, the console.
#
#   sh installers/demo.sh            this machine only; Ctrl-C ends all of it, started again it goes on where it was
#   sh installers/demo.sh --lan      for the whole room
#   sh installers/demo.sh --check    without a screen, in a temporary folder: judges every sample solution and compares
#
# Further options are those of `contestbox demo --help`.
set -eu
cd "$(dirname "$0")/.."
. installers/setup.sh

screen=${DISPLAY:-}${WAYLAND_DISPLAY:-}
needs_root=yes
for option in "$@"; do
    case $option in
        --check | --headless | --json) screen= ;;
        --help) screen= needs_root= ;;
    esac
done

check_place
if [ -n "$needs_root" ] && [ "$(id -u)" != 0 ]; then
    # The sandbox's containers need root; the server and the console would not.
    command -v sudo >/dev/null 2>&1 ||
        give_up "Judging needs root (containers, control groups) and there is no sudo here: become root and run this again."
    say "Judging needs root (containers, control groups): the demo runs with sudo."
    sudo true || give_up "sudo does not let you in: run this as root, or as somebody who may use sudo."
fi
find_python
need_packages "compilers for what teams submit, and for the sandbox's own core" gcc g++ libc6-dev
need_packages "Java for what teams submit" default-jdk-headless
need_packages "Python for what teams submit" python3
need_packages "the sandbox's system call filters" libseccomp2
locks="installers/locks/server.txt installers/locks/judge.txt"
if [ -n "$screen" ]; then
    # shellcheck disable=SC2086 # the list is words on purpose
    need_packages "the console's window" $WINDOW_PACKAGES
    locks="$locks installers/locks/console.txt"
fi
# shellcheck disable=SC2086 # the list is words on purpose
make_environment $locks
sh installers/core.sh .venv

if [ -n "$needs_root" ] && [ "$(id -u)" != 0 ]; then
    # Root leaves no files in your checkout, and keeps the demo in its own data directory: the demo says where.
    exec sudo --preserve-env=DISPLAY,WAYLAND_DISPLAY,XAUTHORITY,XDG_RUNTIME_DIR \
        env PYTHONDONTWRITEBYTECODE=1 .venv/bin/contestbox demo "$@"
fi
exec .venv/bin/contestbox demo "$@"
