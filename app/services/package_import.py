"""Brings a problem package into a contest: every file a blob, the manifest, the statement as safe HTML.

Nothing of the package is run (DESIGN 4). What only a judge machine can do, such as building a validator, converting TeX or
measuring a time limit, leaves the package "unchecked".
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from app.core.errors import Refusal
from app.core.ids import PackageVersion, Sha256
from app.core.verdict import Verdict
from app.package.formats import needs_generating, recipe_of
from app.package.input_validators import InputCase, read_answer_checks, read_input_checks
from app.package.manifest import (
    FileRef,
    JurySolution,
    Kind,
    NamedFile,
    Package,
    PackageLimits,
    Program,
    Statement,
    StatementFormat,
    Validator,
)
from app.package.problem_yaml import substitute_constants
from app.package.reader import OpenedPackage, open_package, open_raw
from app.package.tree import Tree
from app.package.version import content_version
from app.ports.blobs import Batch, Blobs
from app.services.package_listing import keep_listing
from app.services.package_manifest import to_record
from app.services.package_pictures import PICTURES, statement_address
from app.typeset.statement import Rendered, from_html, from_markdown, from_tex_source, from_text

_SAMPLE_CHARS = 64 * 1024
_ANSWERS = "Submissions of this problem are outputs: files named as its tests are; the language that is chosen does not matter."
_MAKING_BYTES = 2048 << 20
_WAITS = "The package lacks tests; a judge machine makes them, and until then nothing can be submitted."
_FORMATS = (
    StatementFormat.MARKDOWN,
    StatementFormat.HTML,
    StatementFormat.TEXT,
    StatementFormat.TEX,
    StatementFormat.PDF,
)


@dataclass(frozen=True, slots=True)
class ImportedPackage:
    """A package whose files are all in the blob store. `state` "ready" or "unchecked"."""

    package: Package
    state: str
    manifest: dict[str, Any]
    statement_html: str
    samples: tuple[tuple[str, str], ...]


def import_files(path: Path, blobs: Blobs) -> ImportedPackage:
    """Reads the package at `path` (folder or zip) and stores its files. Blocks. Refusals of app.package.reader.

    Each file is hashed once, while it is brought in; nothing of a refused package stays.
    """
    with blobs.batch() as batch:
        if needs_generating(path, scratch=batch.scratch):
            with open_raw(path, scratch=batch.scratch, take=batch.take) as (tree, short_name):
                return store_incomplete(tree, short_name, blobs, batch)
        with open_package(path, scratch=batch.scratch, take=batch.take) as opened:
            return store_package(opened, blobs, batch)


def store_incomplete(tree: Tree, short_name: str, blobs: Blobs, batch: Batch | None = None) -> ImportedPackage:
    """A package whose missing files a node has to make: all that it has becomes blobs, the manifest says what is to be made."""
    recipe = recipe_of(tree)
    if recipe is None:
        raise Refusal(422, "The package lacks nothing that could be made.")
    files = [_entry(name, tree.ref(name)) for name in tree.files]
    _keep(tree, blobs, batch)
    package = Package(
        short_name=recipe.short_name or short_name,
        titles={"en": recipe.title},
        format_version="",
        uuid="",
        kind=Kind.PASS_FAIL,
        limits=PackageLimits(memory_bytes=_MAKING_BYTES, validation_memory_bytes=_MAKING_BYTES),
        validator=Validator(),
        tests=(),
        statements=(),
        statement_files=(),
        attachments=(),
        submissions=(),
        warnings=(_WAITS, *recipe.notes),
        version=content_version(tree),
    )
    manifest = to_record(package, {})
    manifest["incomplete"] = {"files": files, "short_name": short_name}
    needed = set(recipe.sources())
    manifest["work"] = {
        **dict.fromkeys(("input_validators", "inputs", "solutions"), ()),
        "ac_to_time_limit": 2.0,
        "time_resolution": 1.0,
        "statement": None,
        "steps": [asdict(step) for step in recipe.steps],
        "sources": [one for one in files if one["name"] in needed],
    }
    return ImportedPackage(package, "unchecked", manifest, "", ())


def store_package(opened: OpenedPackage, blobs: Blobs, batch: Batch | None = None) -> ImportedPackage:
    """Stores all files of an opened package, which `batch` took while they were hashed, if there is one.

    Blocks. Refusal(422) where a file changes meanwhile.
    """
    package = opened.package
    _keep(opened.tree, blobs, batch)
    stored = dict(_store_programs(opened, blobs))
    rendered = _statement(opened)
    manifest = to_record(package, stored)
    answers = [_ANSWERS] if package.ways.submit_answer else []
    manifest["warnings"] = [*answers, *package.warnings, *rendered.warnings]
    manifest["dialogues"] = [_shown(opened, ref) for ref in package.interactions]
    manifest["renderings"] = _renderings(opened, blobs)
    manifest["work"] = _work(opened, blobs)
    manifest["source"] = keep_listing(opened.tree, package.short_name, blobs)
    manifest["solutions"] = [_solution(opened, blobs, one) for one in package.submissions]
    return ImportedPackage(package, _state(package, manifest["work"]), manifest, rendered.html, _samples(opened))


def _keep(tree: Tree, blobs: Blobs, batch: Batch | None) -> None:
    """Every file of the tree is in the store when this returns; the same file is brought once."""
    refs = {tree.files[name]: tree.ref(name) for name in tree.files}
    if batch is not None:
        batch.keep()
        return
    for path, ref in refs.items():
        if blobs.put_file(path) != ref.sha256:
            raise Refusal(422, f"{ref.path}: the file changed while it was read; import the package again.")


def _solution(opened: OpenedPackage, blobs: Blobs, one: JurySolution) -> dict[str, Any]:
    """A jury solution as it can be judged like a submission, and what the package promises of it."""
    return {
        **_stored_program(opened, blobs, one.program),
        "expected": sorted(verdict.value for verdict in one.expected),
        "score": None if one.score is None else list(one.score),
    }


def _state(package: Package, work: Mapping[str, Any]) -> str:
    needs_node = (
        package.validator.program is not None
        or not package.limits.cpu_seconds_known
        or work["statement"] is not None
        or work["input_validators"]
        or work["answer_validators"]
    )
    return "unchecked" if needs_node else "ready"


def _work(opened: OpenedPackage, blobs: Blobs) -> dict[str, Any]:
    """What only a node can do with the package, as the manifest keeps it; its files become blobs."""
    package, checks = opened.package, read_input_checks(opened.tree)
    cases, answers = checks.cases if checks.validators else (), read_answer_checks(opened.tree)
    accepted = [one.program for one in package.submissions if one.expected == {Verdict.AC}]
    shown = _chosen(package.statements)
    return {
        "input_validators": [_stored_program(opened, blobs, one) for one in checks.validators],
        "inputs": [_looked_at(case) for case in cases],
        "answer_validators": [_stored_program(opened, blobs, one) for one in answers.validators],
        "answers": [_looked_at(case) for case in answers.cases],
        "solutions": []
        if package.limits.cpu_seconds_known
        else [_stored_program(opened, blobs, one) for one in accepted],
        "ac_to_time_limit": package.limits.ac_to_time_limit,
        "time_resolution": package.limits.time_resolution,
        "time_limit_to_tle": package.limits.time_limit_to_tle,
        "statement": _entry(shown.file.path, shown.file)
        if shown is not None and shown.format is StatementFormat.TEX
        else None,
    }


def _looked_at(case: InputCase) -> dict[str, Any]:
    return {
        "name": case.name,
        "valid": case.valid,
        "input": _entry(case.name, case.input),
        "arguments": {name: list(words) for name, words in case.arguments.items()},
        "files": [_entry(one.name, one.file) for one in case.files],
    }


def _stored_program(opened: OpenedPackage, blobs: Blobs, program: Program) -> dict[str, Any]:
    """A program with the package's constants filled in."""
    files = [
        {"name": source.name, "sha256": blobs.put(source.data), "size": len(source.data)}
        for source in opened.sources(program.files)
    ]
    return {
        "name": program.path,
        "files": files,
        "language": program.language or "",
        "entry_point": program.entry_point or "",
    }


def _entry(name: str, ref: FileRef) -> dict[str, Any]:
    return {"name": name, "sha256": ref.sha256, "size": ref.size}


def _store_programs(opened: OpenedPackage, blobs: Blobs) -> Iterator[tuple[str, FileRef]]:
    """Stores the validator's and the include files with the package's constants filled in."""
    program = opened.package.validator.program
    groups: list[Iterable[NamedFile]] = [folder.files for folder in opened.package.includes]
    if program is not None:
        groups.append(program.files)
    groups.extend(one.files for one in (opened.package.grader, opened.package.static_validator) if one is not None)
    for files in groups:
        listed = tuple(files)
        for named, source in zip(listed, opened.sources(listed), strict=True):
            yield named.file.path, FileRef(named.file.path, blobs.put(source.data), len(source.data))


def _chosen(statements: tuple[Statement, ...]) -> Statement | None:
    """The statement that is shown: English where there is one, in the form that reads best."""
    return min(
        statements, key=lambda one: (one.language != "en", one.language, _FORMATS.index(one.format)), default=None
    )


def _statement(opened: OpenedPackage) -> Rendered:
    chosen = _chosen(opened.package.statements)
    if chosen is None:
        return Rendered("", ("The package has no statement.",))
    return _rendered(opened, chosen)


def _renderings(opened: OpenedPackage, blobs: Blobs) -> list[dict[str, Any]]:
    """The statements in the other languages as safe HTML, each a blob; TeX among them as its source."""
    chosen = _chosen(opened.package.statements)
    languages = dict.fromkeys(one.language for one in opened.package.statements)
    found = []
    for language in languages:
        one = _chosen(tuple(each for each in opened.package.statements if each.language == language))
        if one is None or one is chosen or one.format is StatementFormat.PDF:
            continue
        page = _rendered(opened, one).html.encode("utf-8", "replace")
        found.append({"language": language, "sha256": blobs.put(page), "size": len(page)})
    return found


def _rendered(opened: OpenedPackage, chosen: Statement) -> Rendered:
    package = opened.package
    if chosen.format is StatementFormat.PDF:
        return Rendered("")
    text = opened.read(chosen.file).decode("utf-8", "replace").removeprefix("\ufeff")
    pictures = {ref.path: ref for ref in package.statement_files}
    folder = posixpath.dirname(chosen.file.path)

    def image_address(source: str) -> str | None:
        path = posixpath.normpath(posixpath.join(folder, unquote(source)))
        ref = pictures.get(path)
        if ref is None or posixpath.splitext(path)[1].lower() not in PICTURES:
            return None
        return statement_address(PackageVersion(package.version), Sha256(ref.sha256))

    if chosen.format is StatementFormat.MARKDOWN:
        return from_markdown(substitute_constants(text, package.constants), image_address)
    if chosen.format is StatementFormat.HTML:
        return from_html(text, image_address)
    return from_text(text) if chosen.format is StatementFormat.TEXT else from_tex_source(text)


def _samples(opened: OpenedPackage) -> tuple[tuple[str, str], ...]:
    """Where programs talk, input and answer are the validator's own and say nothing to a team; a dialogue stands in their place."""
    package = opened.package
    if package.interactive or (package.multi_pass and package.interactions):
        return ()
    return tuple(
        (_shown(opened, test.shown_input or test.input), _shown(opened, test.shown_answer or test.answer))
        for test in opened.package.tests
        if test.sample and not test.static
    )


def _shown(opened: OpenedPackage, ref: FileRef) -> str:
    text = opened.read(ref).decode("utf-8", "replace")
    return text if len(text) <= _SAMPLE_CHARS else text[:_SAMPLE_CHARS] + "\n…"
