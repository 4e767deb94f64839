"""Each layer left out alone: the attacks that others should stop are still held, and where two are gone the case bites.

That nobody but a test can leave a layer out is looked for in the code as well.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from sandbox.workbench import require_root

from hostile.arena import Arena
from hostile.catalogue import HERE, read_cases
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import RunLimits
from judge_node.sandbox.linux.box import LinuxSandbox, open_sandbox
from judge_node.sandbox.linux.layers import Layer
from judge_node.sandbox.outcome import Limit, Outcome

pytestmark = [pytest.mark.root, pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is missing")]
CASES = {case.name: case for case in read_cases() if case.extension == "c"}
TOO_MUCH = """
static void attack(void) { for (int i = 0; i < 200; i++) memset(malloc(1 << 20), 1, 1 << 20); breach("200 MiB"); }
"""
EXECUTES = """
static void attack(void) { execl("/bin/echo", "echo", "BREACH", (char *)0); }
"""
CROWD = """
static void attack(void) { for (int i = 0; i < 100; i++) { int p = fork(); if (p < 0) return; if (!p) pause(); } breach("a crowd"); }
"""
OWN = {"too_much": TOO_MUCH, "executes": EXECUTES, "crowd": CROWD}


_DEFINES = re.compile(r"^static [^=;(]*?(\w+)\s*(?:\(|\[|=|;)", re.MULTILINE)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FEW = 4
S, K, L, M, P = Layer.SYSTEM_CALLS, Layer.LANDLOCK, Layer.LIMITS, Layer.MEMORY, Layer.PROCESSES
I, N, C = Layer.IDENTITY, Layer.NETWORK, Layer.IPC  # noqa: E741
EVERYTHING_ELSE = _words(
    "shadow homes secret_by_its_path answer_by_its_path secret_past_the_root root_of_init kernel_memory sysrq sys "
    "devices make_devices mounts unmounts replace_the_program replace_the_toolchain rewrite_etc rewrite_the_root "
    "spoil_the_input inherited_descriptors setuid_file kill_init kill_the_bystander read_init_by_proc "
    "see_others_in_proc tcp_loopback unix_by_path unix_abstract interfaces sets_the_clock real_time_priority "
    "host_name ambient_and_securebits bpf load_module kexec reboot mlock swap"
)
HELD = [
    *[(S, name) for name in EVERYTHING_ELSE if name not in {"host_name"}],
    *[(K, name) for name in ("own_code_from_the_scratch", "own_code_by_the_loader", "own_code_from_memory", "tcp_loopback",
                             "unix_abstract", "rewrite_the_root", "replace_the_program", "kill_the_bystander")],
    *[(L, name) for name in ("crowd", "thread_bomb", "fork_bomb", "too_much", "endless_loop", "many_small_files", "mlock",
                             "file_past_the_limit")],
    *[(M, name) for name in ("scratch_files", "shm_files", "huge_reservation_only", "many_small_files")],
    *[(P, name) for name in ("crowd", "thread_bomb", "fork_bomb", "daemon_double_fork")],
    *[(I, name) for name in ("kill_init", "read_init_by_proc", "mounts", "make_devices", "rewrite_the_root", "rewrite_etc",
                             "shadow", "capabilities", "replace_the_program", "every_namespace_unshare", "kill_the_bystander")],
    *[(N, name) for name in ("tcp_loopback", "tcp6_loopback", "unix_by_path", "unix_abstract", "every_family", "packet", "netlink")],
    *[(C, name) for name in ("sysv_shm", "sysv_msg", "sysv_sem", "posix_queues")],
]  # fmt: skip
BITES = [
    ({S}, "runtime", "user_namespace"),
    ({S}, "runtime", "every_family"),
    ({K}, "native", "executes"),
    ({L}, "runtime", "descriptors_without_end"),
    ({M}, "runtime", "too_much"),
    ({L, P}, "runtime", "crowd"),
    ({I}, "runtime", "become_root"),
    ({N, S, K}, "runtime", "tcp_loopback"),
    ({N, S, K}, "runtime", "unix_abstract"),
    ({C, S}, "runtime", "sysv_shm"),
]
NAIVELY = _words(
    "secret_by_its_path answer_by_its_path homes sys tcp_loopback unix_by_path unix_abstract see_others_in_proc "
    "user_namespace every_family posix_timers watchers host_name environment descriptors_without_end"
)


def held(layer: Layer, everything: bool) -> list[str]:
    """The attacks that are tried without this layer; a few of them where the whole suite was not asked for."""
    names = [name for each, name in HELD if each is layer]
    return names if everything else names[:FEW]


@pytest.fixture(scope="module")
def everything(pytestconfig: pytest.Config) -> bool:
    """Whether the whole suite was asked for."""
    return bool(pytestconfig.getoption("--hostile"))


@pytest.fixture(scope="module")
def attacks(arena: Arena, everything: bool, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One program, compiled outside, that is every attack used here, by the name that it is given."""
    require_root()
    folder = tmp_path_factory.mktemp("attacks")
    folder.chmod(0o755)
    wanted = {name for layer in Layer for name in held(layer, everything)} | {name for _, _, name in BITES}
    wanted |= set(NAIVELY if everything else NAIVELY[:FEW])
    bodies = {name: OWN[name] if name in OWN else CASES[name].text for name in sorted(wanted)}
    text = in_one(bodies)
    for word, value in arena.canaries.items():
        text = text.replace(f"@{word}@", value)
    compiler = [
        "gcc",
        "-std=gnu17",
        "-O1",
        "-static",
        "-w",
        "-pthread",
        "-x",
        "c",
        "-",
        "-o",
        str(folder / "submission"),
    ]
    subprocess.run(compiler, input=text.encode(), check=True)
    return folder


def in_one(bodies: Mapping[str, str]) -> str:
    """The source of a program that does the attack named by its first word: what each body defines gets a name of its own."""
    parts = [(HERE / "preludes/attack.c").read_text().replace("int main(", "static int one(")]
    for name, text in bodies.items():
        own = set(_DEFINES.findall(text)) | {"attack"}
        parts += [*(f"#define {word} {name}__{word}" for word in own), text, *(f"#undef {word}" for word in own)]
    table = "".join(f'{{"{name}", {name}__attack}}, ' for name in bodies)
    parts.append(
        "static void attack(void) { }\n"
        f"static const struct {{ const char *name; void (*go)(void); }} attacks[] = {{ {table} }};\n"
        "int main(int argc, char **argv)\n{\n"
        "    for (unsigned i = 0; argc > 1 && i < sizeof attacks / sizeof *attacks; i++)\n"
        '        if (!strcmp(argv[1], attacks[i].name)) return attacks[i].go(), puts("held"), 0;\n'
        "    return one(argc, argv);\n}\n"
    )
    return "\n".join(parts)


def run(sandbox: LinuxSandbox, arena: Arena, attacks: Path, name: str, profile: str = "runtime") -> Outcome:
    """One run of an attack in a container of its own."""
    box = sandbox.container(View(program=attacks, profile=profile), memory_bytes=64 << 20, processes=48)
    try:
        run_limits = RunLimits(0.3, 2.0, 64 << 20, processes=48)
        return box.run(Command(["/program/submission", name]), run_limits, stdin=arena.folder / "question")
    finally:
        box.close()


@pytest.mark.parametrize("layer", list(Layer))
def test_the_other_layers_hold(arena: Arena, attacks: Path, everything: bool, layer: Layer) -> None:
    """With one layer left out, what the others claim to stop is stopped."""
    with open_sandbox(without=frozenset({layer})) as weaker:
        for name in held(layer, everything):
            facts = run(weaker, arena, attacks, name)
            assert b"BREACH" not in facts.stdout_head, f"without {layer}, {name}: {facts.stdout_head.decode()}"
            assert facts.exit_code is not None or facts.limit is not None or facts.signal is not None
    arena.look_round()


@pytest.mark.parametrize(("without", "profile", "name"), BITES, ids=[f"{name}-{len(ls)}" for ls, _, name in BITES])
def test_the_layers_are_what_holds(arena: Arena, attacks: Path, without: set[Layer], profile: str, name: str) -> None:
    """Where the layers that stop an attack are left out, it succeeds; so the attack is one, and they are what held it."""
    with open_sandbox(without=frozenset(without)) as weaker:
        facts = run(weaker, arena, attacks, name, profile)
    if name == "sysv_shm":
        _remove_segment(77)
    for listener in arena.listeners:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            continue
    assert b"BREACH" in facts.stdout_head, facts
    with open_sandbox() as whole:
        facts = run(whole, arena, attacks, name, profile)
    assert b"BREACH" not in facts.stdout_head
    arena.look_round()


@pytest.mark.parametrize(
    "name", [*NAIVELY[:FEW], *(pytest.param(name, marks=pytest.mark.hostile) for name in NAIVELY[FEW:])]
)
def test_cases_bite_without_a_sandbox(arena: Arena, attacks: Path, name: str) -> None:
    """A judge that simply starts the program, as an ordinary user, is breached: the cases see what they should see."""
    with tempfile.TemporaryDirectory() as name_of_folder:  # pytest's own folders are closed to other users
        folder = Path(name_of_folder)
        folder.chmod(0o777)
        program = folder / "submission"
        shutil.copy(attacks / "submission", program)
        done = subprocess.run(
            [program, name], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, cwd=folder, env={"SECRET": "x"},
            user=65_534, group=65_534, extra_groups=[],
        )  # fmt: skip
    assert b"BREACH" in done.stdout, done
    for listener in arena.listeners:
        try:
            listener.accept()[0].close()
        except BlockingIOError:
            continue


def test_no_code_of_ours_leaves_a_layer_out() -> None:
    """Only tests call `open_sandbox` with something to leave out."""
    root = Path(__file__).parents[2]
    callers = [
        path.name
        for folder in ("app", "web", "judge_node")
        for path in (root / folder).rglob("*.py")
        if "without=" in path.read_text() and "sandbox" in str(path)
    ]
    assert sorted(callers) == ["box.py", "layers.py"]
    commands = "".join(path.read_text() for path in (root / "judge_node").glob("*.py"))
    commands += "".join(path.read_text() for path in (root / "judge_node/commands").glob("*.py"))
    assert "Layer" not in commands
    assert "without=" not in commands


def test_the_memory_of_a_left_out_group_was_bounded(arena: Arena, attacks: Path) -> None:
    """The whole sandbox ends the program that takes too much by the kernel's own counter."""
    facts = run(arena.sandbox, arena, attacks, "too_much")
    assert facts.limit is Limit.MEMORY


def _remove_segment(key: int) -> None:
    """Removes a System V segment that an attack left on this machine."""
    libc = ctypes.CDLL(None)
    number = libc.shmget(key, 0, 0)
    if number >= 0:
        libc.shmctl(number, 0, None)
