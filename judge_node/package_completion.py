"""What a node does with a package that lacks tests: makes them in the sandbox and brings them to the server in pieces."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import Refusal
from app.lan.asking import LinkDown
from app.languages.definition import Language
from app.package.recipe import Step
from app.wire.judge_v1 import MAX_OUTPUT_BYTES, MadeFile, PackageReport, PackageWork
from judge_node.backoff import Backoff
from judge_node.pipeline.generating import Generation
from judge_node.pipeline.judging import Workshop

_SENTENCE_CHARS = 1000
_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Giving:
    """How made files come to the server: `put` gives one blob; LinkDown is tried again until `stop`. `folder` is the job's."""

    put: Callable[[str, Path], None]
    folder: Path
    stop: threading.Event

    def give(self, path: Path) -> tuple[str, int, list[str]]:
        """Gives a file: its hash, its size, the hashes of its pieces in order."""
        whole, size, pieces = hashlib.sha256(), 0, list[str]()
        part = self.folder / "piece"
        with path.open("rb") as file:
            while data := file.read(MAX_OUTPUT_BYTES):
                whole.update(data)
                size += len(data)
                pieces.append(hashlib.sha256(data).hexdigest())
                part.write_bytes(data)
                self._bring(pieces[-1], part)
        part.unlink(missing_ok=True)
        return whole.hexdigest(), size, pieces

    def _bring(self, digest: str, part: Path) -> None:
        backoff = Backoff(cap_seconds=1.0)
        while True:
            try:
                self.put(digest, part)
            except LinkDown:
                if self.stop.wait(backoff.next_seconds()):
                    raise
            else:
                return


def complete_package(
    work: PackageWork,
    blobs: Mapping[str, Path],
    workshop: Workshop,
    languages: Mapping[str, Language],
    giving: Giving,
) -> PackageReport | None:
    """Makes all files; None where `stop` ended it. Raises Fault where the sandbox failed, Refusal where the server takes nothing."""
    files = {one.name: blobs[one.sha256] for one in work.sources}
    steps = [
        Step(
            one.target,
            one.who,
            tuple(one.program),
            tuple(one.arguments),
            one.stdin,
            one.copy_of,
            one.input_file,
            one.output_file,
        )
        for one in work.steps
    ]
    place = giving.folder / "made"
    place.mkdir()
    generation = Generation(files, place, workshop, languages, lambda _: None, giving.stop)
    try:
        made = generation.make(steps, lambda _: None)
    except Refusal as refused:
        if giving.stop.is_set():
            return None
        if refused.code != _UNPROCESSABLE:
            raise
        return PackageReport(problems=[refused.sentence[:_SENTENCE_CHARS]])
    if giving.stop.is_set():
        return None
    given = []
    for name, path in made.items():
        sha256, size, pieces = giving.give(path)
        given.append(MadeFile(name=name, sha256=sha256, size=size, pieces=pieces))
    return PackageReport(made=given, notes=[f"{len(given)} files were made by this judge machine."])
