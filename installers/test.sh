#!/bin/sh
# Sets up what the tests need and runs them, with the linters. Exits 0 only if all of it passes.
#
#   sh installers/test.sh             what every change must pass
#   sh installers/test.sh --full      the long runs as well (more rounds of kills)
#   sh installers/test.sh --hostile [SEED]  every hostile program, two at a time, in the order that the seed gives
#   sh installers/test.sh --rootless [SEED]  the same programs judged by a user without rights, whose runs are sampled
#   sh installers/test.sh --guest     the sandbox, as root and as a user with a delegated group, and the hostile programs in C
#                                     on control groups version 2, in a QEMU guest
#   sh installers/test.sh --coverage  which lines the tests of parts reach
#   sh installers/test.sh PATH...     only these tests, without the linters
set -eu
cd "$(dirname "$0")/.."
. installers/setup.sh

check_place
find_python
need_packages "compilers for what teams submit, and for the sandbox's own core" gcc g++ libc6-dev
need_packages "Java for what teams submit" default-jdk-headless
need_packages "Python for what teams submit" python3
need_packages "the sandbox's system call filters" libseccomp2
if has_package chromium; then
    need_packages "the browser tests" chromium
else # Ubuntu's is a snap
    say "There is no package chromium here: the browser tests will be skipped unless a program of that name is found."
fi
# shellcheck disable=SC2086 # the list is words on purpose
need_packages "the console's tests" $WINDOW_PACKAGES
need_packages "the network namespaces, the sync and the comparison tests" iproute2 strace bubblewrap
make_environment installers/locks/dev.txt
sh installers/core.sh .venv

python=.venv/bin/python
full=
if [ "${1:-}" = --full ]; then
    full=--full
    shift
fi
if [ "${1:-}" = --hostile ]; then
    seed=${2:-$(date +%s)}
    say "Every hostile program, in the order of seed $seed."
    exec "$python" -m pytest --hostile --seed "$seed" -n 2 --dist load tests/hostile
fi
if [ "${1:-}" = --rootless ]; then
    seed=${2:-$(date +%s)}
    say "Every hostile program, judged without root, in the order of seed $seed."
    PYTHONPATH=tests exec "$python" -m sandbox.nobody "$PWD/$python" -m pytest -p no:cacheprovider --hostile --seed "$seed" \
        tests/hostile/test_catalogue.py tests/hostile/test_other_guests.py
fi
if [ "${1:-}" = --guest ]; then
    need_packages "the guest" qemu-system-x86 busybox-static kmod
    prebuilt=$(mktemp -d)
    trap 'rm -rf "$prebuilt"' EXIT
    # Compilers are 6 to 13 times slower on an emulated processor: what is run in the guest is compiled here.
    PYTHONPATH=tests "$python" -m hostile.prebuilt "$prebuilt"
    chmod -R go+rX "$prebuilt"
    in_guest() { # in_guest COMMAND...: three hours are more than it takes beside any other load
        bash installers/guest.sh --fetch "${GUEST_KERNEL:-${XDG_CACHE_HOME:-$HOME/.cache}/contestbox/guest-kernel}" \
            --root / --chdir "$PWD" --timeout 10800 --env CONTESTBOX_PREBUILT="$prebuilt" --env PYTHONPATH=tests:. -- "$@"
    }
    contract="tests/sandbox/test_runs.py tests/sandbox/test_between_runs.py tests/sandbox/test_limits.py
        tests/sandbox/test_files.py tests/sandbox/test_view.py tests/sandbox/test_slots.py"
    # Not there: tests of how exact times are, which an emulated processor cannot keep.
    options="-p no:randomly -p no:cacheprovider --timeout 600 --hostile --seed 1"
    failed=
    # shellcheck disable=SC2086 # lists of words
    in_guest "$python" -m pytest $options $contract tests/sandbox/test_delegation.py tests/hostile/test_catalogue.py \
        -k "(test_catalogue and -c-) or (not test_catalogue and not cpu_time_is_what_was_used)" || failed=1
    say "The same as a user to whom a group was delegated."
    # shellcheck disable=SC2086
    in_guest "$python" -m sandbox.nobody --delegated "$PWD/$python" -m pytest $options $contract tests/sandbox/test_delegated_user.py \
        -k "not cpu_time_is_what_was_used" || failed=1
    in_guest "$python" -m sandbox.nobody --delegated "$PWD/$python" -c "from judge_node.main import main; main()" \
        doctor --explain || failed=1
    exit ${failed:-0}
fi
if [ "${1:-}" = --coverage ]; then
    export QT_QPA_PLATFORM=offscreen
    "$python" -m coverage run -m pytest -q tests/unit tests/contract
    exec "$python" -m coverage report --skip-covered --sort=cover
fi
if [ $# -gt 0 ]; then
    exec "$python" -m pytest $full "$@"
fi

export QT_QPA_PLATFORM=offscreen
failed=
step() { # step TITLE COMMAND...: says how long it took; a failure is kept for the end, so that one run shows all of them
    title=$1
    shift
    say "$title"
    began=$(date +%s)
    "$@" || failed="$failed, $title"
    say "$title: $(($(date +%s) - began)) s"
}

step "Style" .venv/bin/ruff check app web judge_node tests
step "Format" .venv/bin/ruff format --check app web judge_node tests
step "Types" .venv/bin/mypy
step "Layers" .venv/bin/lint-imports
# Shuffled, but each commit always in the same order; the long runs draw a new one, which pytest prints.
order="--randomly-seed=4"
[ -z "$full" ] || order="--randomly-seed=default"
# What only computes goes on all cores; what measures time, or has the sandbox to itself, follows one by one.
step "Tests of parts" "$python" -m pytest $full $order -n auto --dist loadfile tests/unit tests/contract tests/api tests/arch
# The whole in two runs side by side, each of which waits most of the time: windows and browsers, and servers and machines.
whole() {
    seen=$(mktemp)
    "$python" -m pytest $full $order tests/console tests/browser >"$seen" 2>&1 &
    windows=$!
    trap 'kill "$windows" 2>/dev/null; rm -f "$seen"; exit 130' INT TERM
    result=0
    "$python" -m pytest $full $order tests/sandbox tests/hostile tests/flow tests/faults tests/load || result=$?
    wait "$windows" || result=$?
    cat "$seen"
    trap - INT TERM
    rm -f "$seen"
    return "$result"
}
step "Tests of the whole" whole
if [ -n "$failed" ]; then
    say "Failed: ${failed#, }."
    exit 1
fi
say "All passed."
