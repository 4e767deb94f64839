"""The default output validator, rule by rule (PROBLEM_FORMATS 3)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from unit.judge_node.compare.calling import Compare

AC, WA = 42, 43
ABS, REL, TOL = "float_absolute_tolerance", "float_relative_tolerance", "float_tolerance"

RULES: list[tuple[str, bytes, bytes, tuple[str, ...], int]] = [
    # name, output, answer, arguments, exit code
    ("the same", b"1 2\n3\n", b"1 2\n3\n", (), AC),
    ("no final newline", b"1 2\n3", b"1 2\n3\n", (), AC),
    ("other white space", b"\t1\r\n2\v\f3  \n\n", b"1 2 3\n", (), AC),
    ("nothing and nothing", b"", b"", (), AC),
    ("only white space and nothing", b" \n\n", b"", (), AC),
    ("nothing for something", b"", b"1\n", (), WA),
    ("something for nothing", b"1\n", b"", (), WA),
    ("one token less", b"1 2\n", b"1 2 3\n", (), WA),
    ("one token more", b"1 2 3 4\n", b"1 2 3\n", (), WA),
    ("tokens run together", b"12", b"1 2", (), WA),
    ("a token torn apart", b"1 2", b"12", (), WA),
    ("a prefix", b"abc", b"abcd", (), WA),
    ("a longer word", b"abcd", b"abc", (), WA),
    ("case does not matter", b"YES no", b"yes NO", (), AC),
    ("case matters when asked", b"YES", b"yes", ("case_sensitive",), WA),
    ("only ASCII is folded", "É".encode(), "é".encode(), (), WA),
    ("neighbours of the letters are not folded", b"[", b"{", (), WA),
    ("other bytes are kept", b"\xff\xfe", b"\xff\xfe", (), AC),
    ("no-break space is no white space", b"1\xc2\xa02", b"1 2", (), WA),
    ("a NUL after the right word", b"hello\0", b"hello", (), WA),
    ("a NUL after the right output", b"hello\n\0", b"hello\n", (), WA),
    ("a NUL in a number", b"1\0", b"1", (TOL, "1e-6"), WA),
    ("numbers are words", b"1.0", b"1", (), WA),
    ("leading zeros are words", b"01", b"1", (), WA),
    # white space that counts
    ("spaces: the same", b" 1  2\n", b" 1  2\n", ("space_change_sensitive",), AC),
    ("spaces: final newline missing", b"1", b"1\n", ("space_change_sensitive",), WA),
    ("spaces: final newline too many", b"1\n\n", b"1\n", ("space_change_sensitive",), WA),
    ("spaces: tab for blank", b"1\t2\n", b"1 2\n", ("space_change_sensitive",), WA),
    ("spaces: before the first", b" 1\n", b"1\n", ("space_change_sensitive",), WA),
    ("spaces: two for one", b"1  2\n", b"1 2\n", ("space_change_sensitive",), WA),
    ("spaces: case still does not matter", b"A b\n", b"a B\n", ("space_change_sensitive",), AC),
    ("spaces: numbers with tolerance", b"1.0 2\n", b"1 2\n", ("space_change_sensitive", TOL, "0"), AC),
    # numbers
    ("absolute: inside", b"1.0009", b"1", (ABS, "1e-3"), AC),
    ("absolute: exactly at the bound", b"1.001", b"1", (ABS, "1e-3"), AC),
    ("absolute: just over", b"1.0010000000000000000000001", b"1", (ABS, "1e-3"), WA),
    ("absolute: below, at the bound", b"0.999", b"1", (ABS, "0.001"), AC),
    ("relative: exactly at the bound", b"100.0001", b"100", (REL, "1e-6"), AC),
    ("relative: just over", b"100.00010000000000000001", b"100", (REL, "1e-6"), WA),
    ("relative: of the answer, not the output", b"2", b"1", (REL, "0.5"), WA),
    ("relative: of the answer, the other way", b"1", b"2", (REL, "0.5"), AC),
    ("relative alone and the answer is zero", b"1e-300", b"0", (REL, "1e-6"), WA),
    ("relative alone and both are zero", b"-0.0", b"0", (REL, "1e-6"), AC),
    ("either bound suffices: absolute", b"1e-7", b"0", (TOL, "1e-6"), AC),
    ("either bound suffices: relative", b"1000001", b"1000000", (TOL, "1e-6"), AC),
    ("two different bounds", b"1000001", b"1000000", (ABS, "1e-9", REL, "1e-6"), AC),
    ("integers are numbers", b"10.0", b"10", (TOL, "1e-6"), AC),
    ("zero tolerance", b"1e0", b"1", (TOL, "0"), AC),
    ("zero tolerance and almost zero", b"1e-4000", b"0", (TOL, "0"), WA),
    ("other sign", b"-1", b"1", (TOL, "1e-6"), WA),
    ("near zero with other signs", b"-0.0000005", b"0.0000005", (TOL, "1e-6"), AC),
    ("words beside numbers", b"Case 1: 0.5", b"case 1: 0.50", (TOL, "1e-6"), AC),
    ("a word for a number", b"abc", b"1.5", (TOL, "1e-6"), WA),
    ("a number for a word", b"1.5", b"abc", (TOL, "1e-6"), WA),
    ("nan is a word", b"NaN", b"nan", (TOL, "1e-6"), AC),
    ("nan for a number", b"nan", b"1", (TOL, "1e-6"), WA),
    ("inf for a huge number", b"inf", b"1e400", (TOL, "1e-6"), WA),
    ("hexadecimal", b"0x10", b"16", (TOL, "1e-6"), WA),
    ("an exponent without digits", b"1e", b"1", (TOL, "1e-6"), WA),
    ("an exponent with a sign only", b"1e+", b"1", (TOL, "1e-6"), WA),
    ("no digits at all", b".", b"0", (TOL, "1e-6"), WA),
    ("a sign alone", b"-", b"0", (TOL, "1e-6"), WA),
    ("a point in front", b".5", b"0.5", (TOL, "0"), AC),
    ("a point at the end", b"5.", b"5", (TOL, "0"), AC),
    ("a plus", b"+5", b"5", (TOL, "0"), AC),
    ("two signs", b"--5", b"5", (TOL, "1e9"), WA),
    ("two points", b"1.2.3", b"1.2", (TOL, "1e9"), WA),
    ("a fraction in the exponent", b"1e1.0", b"10", (TOL, "1e9"), WA),
    ("capital E", b"1E2", b"100", (TOL, "0"), AC),
    ("huge exponents agree", b"1e999999999999", b"1e999999999999", (TOL, "0"), AC),
    ("huge exponents differ", b"2e999999999999", b"1e999999999999", (TOL, "0.1"), WA),
    ("huge exponents, relative", b"1.05e999999", b"1e999999", (REL, "0.05"), AC),
    ("exponents beyond 64 bits", b"1e99999999999999999999", b"0", (ABS, "1"), WA),
    ("tiny exponents beyond 64 bits", b"1e-99999999999999999999", b"0", (ABS, "1e-300"), AC),
    ("forty digits each side", b"1" * 40 + b"." + b"1" * 40, b"1" * 40 + b"." + b"1" * 39 + b"2", (TOL, "0"), WA),
    ("carry through nines", b"0.99999999999999999999999", b"1", (ABS, "1e-23"), AC),
    ("carry through nines, just over", b"0.99999999999999999999998", b"1", (ABS, "1e-23"), WA),
    ("case folds in words of float mode too", b"YES", b"yes", (TOL, "1e-6", "case_sensitive"), WA),
]


@pytest.mark.parametrize(
    ("output", "answer", "arguments", "code"), [rule[1:] for rule in RULES], ids=[r[0] for r in RULES]
)
def test_rule(compare: Compare, output: bytes, answer: bytes, arguments: tuple[str, ...], code: int) -> None:
    """A team's output is accepted or rejected as the rule says, and a rejection says why."""
    said = compare(output, answer, *arguments)
    assert said.code == code, said
    assert bool(said.message) == (code == WA)


def test_rules_touch_no_foreign_memory(careful_compare: Compare) -> None:
    """Whatever a team prints, the validator stays inside its own memory: every rule again under the sanitizers."""
    wrong = [
        name for name, output, answer, flags, code in RULES if careful_compare(output, answer, *flags).code != code
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("unheard_of",),
        (TOL,),
        (TOL, "abc"),
        (TOL, "-1e-6"),
        (ABS, "nan"),
        (TOL, "1e-6", TOL, "1e-6"),
        (ABS, "1e-6", ABS, "1e-6"),
        (TOL, "1e-6", REL, "1e-6"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_no_verdict(compare: Compare, arguments: tuple[str, ...]) -> None:
    """A package with impossible validator arguments is a judging error, for right and wrong outputs alike."""
    assert compare(b"1", b"1", *arguments).code == 2
    assert compare(b"2", b"1", *arguments).code == 2


def test_missing_files_are_no_verdict(plain_program: Path, tmp_path: Path) -> None:
    """Without the jury's answer nobody is judged."""
    (tmp_path / "there").write_bytes(b"1")
    for words in (["there", "gone"], ["gone", "there"]):
        done = subprocess.run([plain_program, *words, "-"], input=b"1", capture_output=True, cwd=tmp_path)
        assert done.returncode == 1
        assert b"gone" in done.stderr
    assert subprocess.run([plain_program, "there", "there"], input=b"", capture_output=True).returncode == 2


@pytest.mark.parametrize(
    ("output", "answer", "arguments", "words"),
    [
        (b"1 2\n3 5\n", b"1 2\n3 4\n", (), ['line 2, column 3, token 4: wrong, expected "4", got "5"']),
        (b"1\n", b"1\n2\n", (), ["the output ends too early", 'expected "2"']),
        (b"1\n2\n", b"1\n", (), ["goes on after the answer", 'got "2"']),
        (b"x\n", b"1.5\n", (TOL, "1e-6"), ["not a number", '"x"']),
        (b"1.6\n", b"1.5\n", (TOL, "1e-6"), ["too far off", '"1.5"', '"1.6"']),
        (b"a\x01b", b"ab", (), ["a\\x01b"]),
        (b"x" * 500, b"y", (), ["x" * 60 + "..."]),
    ],
)
def test_message_says_where_and_why(
    compare: Compare, output: bytes, answer: bytes, arguments: tuple[str, ...], words: list[str]
) -> None:
    """The jury reads the place and the two tokens, with control characters made visible and long tokens cut."""
    message = compare(output, answer, *arguments).message
    assert all(word in message for word in words), message


def test_message_on_stderr(plain_program: Path, tmp_path: Path) -> None:
    """Without a feedback folder the message comes on stderr."""
    (tmp_path / "ans").write_bytes(b"1")
    done = subprocess.run([plain_program, "ans", "ans", "-"], input=b"2", capture_output=True, cwd=tmp_path)
    assert (done.returncode, b'expected "1", got "2"' in done.stderr) == (43, True)


def test_position_of_the_difference(plain_program: Path, tmp_path: Path) -> None:
    """The jury's page can point at the byte where the two differ."""
    (tmp_path / "ans").write_bytes(b"10 20 30\n")
    done = subprocess.run([plain_program, "ans", "ans", "./"], input=b"10  20 31\n", cwd=tmp_path)
    judge, team = (tmp_path / "diffposition.txt").read_text().split()
    assert done.returncode == 43
    assert (int(judge), int(team)) == (8, 9)


HUNDREDS = [
    ".1e3",
    "0.1e3",
    "1e2",
    "1.e2",
    "1.0e2",
    "10e1",
    "10.e1",
    "100",
    "100.",
    "100.0",
    "1000e-1",
    "1000.00e-1",
    "0100",
]
POWERS = ["{}", "{}e0", "{}E+0", "{}e-00", "{}e00000000000000000000000000000000000000000"]


def test_every_spelling_of_a_number(compare: Compare) -> None:
    """Sign, point, zeros and exponent may be written in all the ways of the grammar; the value is the same."""
    spellings = [power.format(text) for text in HUNDREDS for power in POWERS if power == "{}" or "e" not in text]
    for sign, answer in (("", b"100 "), ("+", b"100 "), ("-", b"-1e2 ")):
        output = " ".join(sign + text for text in spellings)
        assert compare(output.encode(), answer * len(spellings), TOL, "0").code == AC


@pytest.mark.parametrize(
    "token",
    [
        ".",
        "+",
        "-.",
        "..",
        "1..0",
        "1.0.0",
        "++1",
        "--1",
        "+-1",
        "1e",
        "1.e",
        "1e+",
        "1e-",
        "1e1.0",
        "1e+1.",
        "1e--1",
        ".e1",
        "e1",
        "+e1",
        "1e1e1",
        "0x1",
        "0X1",
        "1f",
        "1,0",
        "1_0",
        "inf",
        "-inf",
        "nan",
        "NaN",
        "infinity",
        "1²",
    ],
)
def test_what_is_no_number(compare: Compare, token: str) -> None:
    """Outside of the grammar nothing is a number, however near it looks; where the answer has the same word it is a word."""
    assert compare(token.encode(), b"1", TOL, "1e9").code == WA
    assert compare(token.encode(), token.encode(), TOL, "0").code == AC
    assert compare(token.upper().encode(), token.lower().encode(), TOL, "0").code == AC
    assert compare(b"1", token.encode(), TOL, "1e9").code == WA
