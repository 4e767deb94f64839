# Shared by demo.sh and test.sh: what this machine needs before anything of ours can run. Sourced, not run.
#
# find_python                    sets PYTHON to a Python of 3.11 or newer that can make virtual environments
# need_packages WHY PACKAGE...   installs what is missing of Debian's packages, says what and why
# make_environment LOCK...       makes .venv from lock files with hashes, once for each state of them
#
# What apt-get and pip have to say is shown only when they fail, and then in one line: it ends in one sentence that says what to do.

# What Qt's window needs of a bare system, on X and on Wayland.
WINDOW_PACKAGES="libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libwayland-cursor0 libwayland-egl1 libegl1 libgl1 libxkbcommon-x11-0 libdbus-1-3 fontconfig"

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$*"
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# why_failed LOG: the one line of it that tells most
why_failed() {
    if grep -qi 'no space left\|enough free space' "$1"; then
        echo "there is no room left on the disk"
    else
        grep -m1 -E '^(E:|ERROR:|sudo:|Error:)|sudoers' "$1" || tail -n 1 "$1"
    fi
}

is_installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# has_package NAME: whether this system has such a package, installed or not
has_package() {
    is_installed "$1" && return 0
    apt-cache policy libc6 2>/dev/null | grep -q '://' || renew_lists
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}

renew_lists() {
    [ -z "${PACKAGE_LISTS_FRESH:-}" ] || return 0
    # A fresh machine may be updating itself: its lock is waited for. Old lists may do as well.
    as_root apt-get -o DPkg::Lock::Timeout=300 update -qq >/dev/null 2>&1 || :
    PACKAGE_LISTS_FRESH=1
}

need_packages() {
    why=$1
    shift
    missing=
    for package in "$@"; do is_installed "$package" || missing="$missing $package"; done
    [ -n "$missing" ] || return 0
    command -v apt-get >/dev/null 2>&1 ||
        give_up "There is no apt-get on this machine: install$missing in its own way ($why) and run this again."
    [ "$(id -u)" = 0 ] || command -v sudo >/dev/null 2>&1 ||
        give_up "Missing:$missing ($why). There is no sudo here: as root, run «apt-get install$missing», then this again."
    say "Installing$missing ($why)."
    renew_lists
    log=$(mktemp)
    # shellcheck disable=SC2086 # the list is words on purpose
    as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -o DPkg::Lock::Timeout=300 \
        install -y -qq --no-install-recommends $missing >"$log" 2>&1 </dev/null || {
        reason=$(why_failed "$log")
        rm -f "$log"
        give_up "Not installed:$missing ($reason). Mend that (network? rights? room on the disk?) and run this again."
    }
    rm -f "$log"
}

# check_place: before anything is installed, whether it can go where it belongs
check_place() {
    [ -x .venv/bin/contestbox ] || [ -w . ] ||
        give_up "$PWD cannot be written, and the environment .venv goes there: clone Contestbox into a folder of your own and run it there."
}

is_good_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if is_good_python "$candidate"; then
            PYTHON=$candidate
            return 0
        fi
    done
    PYTHON=/usr/bin/python3
    too_old="Contestbox needs Python 3.11 or newer. Debian 12, Debian 13 and Ubuntu 24.04 have it; this machine's is"
    # Told before anything is installed for it.
    ! is_old "$PYTHON" || give_up "$too_old $("$PYTHON" --version 2>&1)."
    need_packages "the interpreter and its virtual environments" python3 python3-venv
    ! is_old "$PYTHON" || give_up "$too_old $("$PYTHON" --version 2>&1)."
}

is_old() {
    [ -x "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info >= (3, 11))' 2>/dev/null
}

# state_of LOCK: the line that stands for it once it is installed
state_of() {
    printf '%s %s\n' "$(cat pyproject.toml installers/setup.sh installers/locks/build.txt "$1" | sha256sum | cut -d' ' -f1)" "$1"
}

is_ready() {
    # An upgrade of the system may have put another Python behind it, whose packages are elsewhere.
    [ -x .venv/bin/contestbox ] && .venv/bin/python -c 'import click' 2>/dev/null || return 1
    [ "$(cat .venv/contestbox-place 2>/dev/null)" = "$PWD" ] || return 1
    for lock in "$@"; do
        grep -qxF "$(state_of "$lock")" .venv/contestbox-stamp 2>/dev/null || return 1
    done
}

make_environment() {
    is_ready "$@" && return 0
    [ -w . ] || give_up "$PWD cannot be written, but .venv there is of another state: clone Contestbox into a folder of your own and run it there."
    free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
    [ "$free" -ge 800 ] || give_up "$PWD has $free MB free and the environment .venv takes 800 MB: make room there and run this again."
    [ -n "${PYTHON:-}" ] || find_python
    # An environment whose interpreter is gone, or that was made in another place and names that everywhere, is made anew.
    place=$(cat .venv/contestbox-place 2>/dev/null || echo "$PWD")
    if [ -e .venv ] && { [ "$place" != "$PWD" ] || ! .venv/bin/python -c 'import pip' 2>/dev/null; }; then rm -rf .venv; fi
    log=$(mktemp)
    [ -e .venv ] || "$PYTHON" -m venv .venv >"$log" 2>&1 || no_environment "$log"
    pwd >.venv/contestbox-place
    requirements=
    for lock in installers/locks/build.txt "$@"; do requirements="$requirements -r $lock"; done
    say "Installing the pinned Python packages into .venv (about a minute)."
    # shellcheck disable=SC2086 # the list is words on purpose
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes $requirements >"$log" 2>&1 &&
        PYTHONWARNINGS=ignore .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation \
            -e . >"$log" 2>&1 || no_environment "$log"
    rm -f "$log"
    # What other locks left there stays good only as long as they say the same.
    for lock in installers/locks/*.txt; do
        case " $* " in *" $lock "*) state_of "$lock" ;; *) grep -xF "$(state_of "$lock")" .venv/contestbox-stamp 2>/dev/null || : ;; esac
    done >.venv/contestbox-stamp.new
    mv .venv/contestbox-stamp.new .venv/contestbox-stamp
}

no_environment() {
    reason=$(why_failed "$1")
    rm -f "$1"
    give_up "The Python packages could not be installed into .venv ($reason). Mend that (network? room on the disk?) and run this again."
}
