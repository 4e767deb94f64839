# Shared by demo.sh and test.sh: what this machine needs before anything of ours can run. Sourced, not run.
#
# need_packages WHY PACKAGE...   installs what is missing of Debian's packages, says what and why
# find_python                    sets PYTHON to a Python of 3.11 or newer that can make virtual environments
# make_environment LOCK...       makes .venv from lock files with hashes, once for each state of them

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1; then sudo "$@"; else
        say "This needs root and there is no sudo: run as root: $*"
        exit 1
    fi
}

need_packages() {
    why=$1
    shift
    missing=
    for package in "$@"; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || missing="$missing $package"
    done
    [ -z "$missing" ] && return 0
    say "Installing$missing ($why)."
    if ! command -v apt-get >/dev/null 2>&1; then
        say "There is no apt-get on this machine: install$missing in its own way and run this again."
        exit 1
    fi
    if [ -z "${PACKAGE_LISTS_FRESH:-}" ]; then
        as_root apt-get update -qq >&2 || say "The package lists could not be renewed; trying with the old ones."
        PACKAGE_LISTS_FRESH=1
    fi
    # shellcheck disable=SC2086 # the list is words on purpose
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2 || {
        say "The packages$missing could not be installed: mend apt-get (network? rights?) and run this again."
        exit 1
    }
}

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            PYTHON=$candidate
            return 0
        fi
    done
    need_packages "the interpreter and its virtual environments" python3 python3-venv
    PYTHON=/usr/bin/python3
    if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        say "Contestbox needs Python 3.11 or newer; this machine has $("$PYTHON" --version 2>&1). Debian 12, Debian 13 and Ubuntu 24.04 have it."
        exit 1
    fi
}

make_environment() {
    stamp=$(cat pyproject.toml "$@" installers/setup.sh | sha256sum | cut -d' ' -f1)
    if [ -x .venv/bin/contestbox ] && [ "$(cat .venv/contestbox-stamp 2>/dev/null)" = "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then
        return 0
    fi
    find_python
    # An environment whose interpreter is gone, or that was made elsewhere, is made anew.
    if [ -e .venv ] && ! .venv/bin/python -c 'import pip' 2>/dev/null; then rm -rf .venv; fi
    [ -e .venv ] || "$PYTHON" -m venv .venv
    requirements=
    for lock in installers/locks/build.txt "$@"; do requirements="$requirements -r $lock"; done
    say "Installing the pinned Python packages into .venv (about a minute)."
    # shellcheck disable=SC2086 # the list is words on purpose
    .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes $requirements >&2 || {
        say "The Python packages could not be installed: is the package registry reachable? Then run this again."
        exit 1
    }
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . >&2
    printf '%s\n' "$stamp" > .venv/contestbox-stamp
}
