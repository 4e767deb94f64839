"""Broken and hostile packages end in a sentence that names the file, and the line where there is one."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import pytest

from app.core.errors import Refusal
from app.package.reader import open_package
from app.package.unzip import expand_limit
from app.package.validate import MOST_BROUGHT_BYTES
from unit.app.package.packages import YAML, read, write, zipped


def refusal(path: Path, **limits: int) -> Refusal:
    with pytest.raises(Refusal) as caught, open_package(path, **limits):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("yaml", "sentence"),
    [
        (f"{YAML}  bad\n : x\n", "problem.yaml, line 7"),
        ("name: [1, 2\n", "problem.yaml, line"),
        ("- a\n- b\n", "problem.yaml, line 1: the file must hold"),
        (YAML.replace("1.5", "soon"), "problem.yaml, line 5: time_limit must be a number"),
        (YAML.replace("1.5", ".nan"), "problem.yaml, line 5: time_limit"),
        (YAML.replace("128", "-1"), "problem.yaml, line 6: memory must be a number"),
        (YAML.replace("2025-09", "2031-01"), "problem.yaml, line 1: the format version '2031-01' is unknown"),
        ("a: &a {x: 1}\nb: {<<: *a}\n", "merge keys"),
        ("limits: 5\n", "problem.yaml, line 1: limits must be a mapping"),
        ("a: " + "[" * 5000, "problem.yaml"),
        ("a: " + "9" * 5000, "problem.yaml"),
        ("a: 2026-13-45\n", "problem.yaml"),
        ("a: !!python/object/apply:os.system [id]\n", "problem.yaml, line 1"),
    ],
)
def test_bad_yaml(tmp_path: Path, yaml: str, sentence: str) -> None:
    """The setter reads which line of problem.yaml is wrong."""
    with pytest.raises(Refusal) as caught:
        read(tmp_path, {"problem.yaml": yaml})
    assert caught.value.code == 422
    assert sentence in caught.value.sentence


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data/secret/01.ans": None}, "data/secret/01.in: there is no 01.ans beside it"),
        (
            dict.fromkeys(("data/sample/1.in", "data/sample/1.ans", "data/secret/01.in", "data/secret/01.ans")),
            "data/secret: there is no test case",
        ),
        ({"data/secret/test_group.yaml": "output_validator_args: [fuzzy]\n"}, "has no argument 'fuzzy'"),
        (
            {"data/secret/test_group.yaml": "output_validator_args: [float_tolerance]\n"},
            "float_tolerance needs a number",
        ),
        ({"data/secret/test_group.yaml": "output_validator_args: [float_tolerance, inf]\n"}, "not 'inf'"),
        (
            {"data/secret/test_group.yaml": "output_validator_args: float_tolerance 1 float_relative_tolerance 1\n"},
            "float_relative_tolerance sets a tolerance that is already set",
        ),
        ({"submissions/submissions.yaml": "accepted:\n  required: [GREAT]\n"}, "submissions.yaml, line 1: 'GREAT'"),
        (
            {"problem.yaml": None, "data/secret/01.in": None, "task.yaml": "a: 1"},
            "task.yaml: input/ holds no inputs",
        ),
        ({"problem.yaml": None, "data/secret/01.in": None, "problem.xml": ""}, "Polygon"),
    ],
)
def test_bad_contents(tmp_path: Path, changes: dict[str, str | None], sentence: str) -> None:
    """The setter reads which file is missing or wrong."""
    with pytest.raises(Refusal) as caught:
        read(tmp_path, {**changes, **({"data/secret/01.ans": None} if "problem.yaml" in changes else {})})
    assert sentence in caught.value.sentence


def test_all_errors_are_told(tmp_path: Path) -> None:
    """Several errors come in one answer, each with its place."""
    with pytest.raises(Refusal) as caught:
        read(tmp_path, {"problem.yaml": YAML.replace("1.5", "x").replace("128", "y"), "data/secret/01.ans": None})
    assert "more errors" in caught.value.sentence
    assert "data/secret/01.in" in caught.value.fields


def test_statement_that_is_no_text(tmp_path: Path) -> None:
    """A statement in another encoding than UTF-8 is named with its line."""
    folder = write(tmp_path / "sum")
    (folder / "statement/problem.en.md").write_bytes(b"Gr\n\xfc\xdfe\n")
    assert "statement/problem.en.md, line 2" in refusal(folder).sentence


@pytest.mark.parametrize(
    ("yaml", "title"),
    [
        ("name: Dogs: a love story\nlimits:\n  time_limit: 1\n", "Dogs: a love story"),
        ("name: Tabs\nlimits:\n\ttime_limit: 1\n", "Tabs"),
        ("name: Windows\r\nlimits:\r\n  time_limit: 1\r\n", "Windows"),
        ("\ufeffname: Mark\nlimits:\n  time_limit: 1\nunknown_key: 5\n", "Mark"),
    ],
)
def test_slips_are_tolerated(tmp_path: Path, yaml: str, title: str) -> None:
    """What real packages have in spite of the letter is read as it was meant."""
    package = read(tmp_path, {"problem.yaml": yaml})
    assert (package.title, package.limits.cpu_seconds) == (title, 1)


def test_links_are_followed_inside_only(tmp_path: Path) -> None:
    """A folder's links may share test data, but never show a file of the organiser's machine."""
    folder = write(tmp_path / "sum")
    (folder / "data/secret/02.in").symlink_to("01.in")
    (folder / "data/secret/02.ans").symlink_to("../secret/01.ans")
    with open_package(folder) as opened:
        first, second = opened.package.tests[1:]
        assert first.input.sha256 == second.input.sha256
    (tmp_path / "secret.txt").write_text("secret")
    for target in ("/etc/passwd", "../../../secret.txt", "../../../sum-elsewhere"):
        link = folder / "data/secret/03.in"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        assert "data/secret/03.in: the link leads" in refusal(folder).sentence


def test_links_in_a_circle(tmp_path: Path) -> None:
    """Folders that contain themselves end in a sentence, not in an endless walk."""
    folder = write(tmp_path / "sum")
    (folder / "data/secret/deeper").symlink_to("..")
    assert "contains itself" in refusal(folder).sentence


def test_pipes_are_not_waited_for(tmp_path: Path) -> None:
    """What is neither file nor folder is refused before anybody opens it."""
    folder = write(tmp_path / "sum")
    os.mkfifo(folder / "data/secret/02.in")
    assert "data/secret/02.in" in refusal(folder).sentence


@pytest.mark.parametrize("top", ["", "sum/"])
def test_zip_with_and_without_a_top_folder(tmp_path: Path, top: str) -> None:
    """Both layouts of zips are taken, and nothing unpacked is left behind."""
    archive = zipped(tmp_path, top=top)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with open_package(archive, scratch=scratch) as opened:
        assert opened.package.short_name == "sum"
        assert opened.read(opened.package.tests[1].input) == b"3 4\n"
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "data\\evil", "C:evil", "a//b", "./a"], ids=lambda name: name
)
def test_zip_names_that_lead_elsewhere(tmp_path: Path, name: str) -> None:
    """No entry is written outside of the package's own folder; the entry is named."""
    refused = refusal(zipped(tmp_path, entries={name: "x"}))
    assert refused.code == 422
    assert name.strip("./") in refused.sentence
    assert not (tmp_path.parent / "evil").exists()


def test_zip_with_a_link(tmp_path: Path) -> None:
    """A link inside a zip is refused by name."""
    archive = zipped(tmp_path)
    with zipfile.ZipFile(archive, "a") as opened:
        entry = zipfile.ZipInfo("data/secret/02.in")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(entry, "/etc/passwd")
    assert "data/secret/02.in: the archive contains a link" in refusal(archive).sentence


def test_zip_bomb(tmp_path: Path) -> None:
    """What expands beyond the limit is stopped while it is unpacked, whatever its headers say."""
    refused = refusal(zipped(tmp_path, entries={"bomb": "0" * 5_000_000}), expand_limit_bytes=1 << 20)
    assert (refused.code, "bomb" in refused.sentence) == (413, True)
    large = write(tmp_path / "sum", {"data/secret/02.in": "0" * 2_000_000, "data/secret/02.ans": ""})
    assert refusal(large, expand_limit_bytes=1 << 20).code == 413


def test_limit_is_at_most_half_of_the_disk(tmp_path: Path) -> None:
    """However much the organiser allows, a package never fills the disk."""
    statistics = os.statvfs(tmp_path)
    assert expand_limit(tmp_path, 1 << 62) <= statistics.f_bavail * statistics.f_frsize
    assert expand_limit(tmp_path, 1000) == 1000


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_zip_by_unusual_methods(tmp_path: Path, method: int) -> None:
    """Entries of which zipfile would unpack a gigabyte at once are refused by name, before anything of them is read."""
    archive = zipped(tmp_path)
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr("data/secret/02.in", b"0" * 1000, compress_type=method)
    assert refusal(archive).sentence.startswith("data/secret/02.in: only stored and deflated entries are read")


def test_zip_twice_the_same_name_and_broken_zip(tmp_path: Path) -> None:
    """Entries that hide each other and files that are no zip are refused."""
    archive = zipped(tmp_path)
    with zipfile.ZipFile(archive, "a") as opened, pytest.warns(UserWarning, match="Duplicate"):
        opened.writestr("problem.yaml", "name: other\n")
    assert "problem.yaml: the archive contains this name twice" in refusal(archive).sentence
    archive.write_bytes(archive.read_bytes()[:200])
    assert "not a zip file" in refusal(archive).sentence
    assert refusal(tmp_path / "nowhere").code == 404


def test_more_than_fits_into_a_working_directory(tmp_path: Path) -> None:
    """A named input that no judge machine could lay into a program's working directory is refused at the import, by its name; the same
    input on the standard input is welcome."""
    write(tmp_path / "sum")
    os.truncate(tmp_path / "sum" / "data/secret/01.in", MOST_BROUGHT_BYTES + 1)
    with open_package(tmp_path / "sum") as opened:
        assert len(opened.package.tests) == 2
    write(tmp_path / "sum", {"problem.yaml": f"{YAML}contestbox: {{input_file: sum.in}}\n", "data/secret/01.in": None})
    refused = refusal(tmp_path / "sum")
    assert (refused.code, refused.sentence.partition(":")[0]) == (422, "data/secret/01.in")
    assert "working directory" in refused.sentence
