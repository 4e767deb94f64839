"""Makes the tests that a Polygon package names but does not hold: inputs by its generators, answers by its main solution.

Only the commands of problem.xml are run, each in the sandbox and never by a shell; a generator's words are split as the system that
made the package splits them, at blanks. What was made of a package that cannot be completed is thrown away with the copy.
"""

from __future__ import annotations

import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as Xml

from app.core.errors import Refusal
from app.core.submission import SourceFile
from app.languages.definition import Language
from app.languages.detect import guess_language
from app.package.polygon import Testset
from app.package.tree import Tree
from judge_node.pipeline.building import BuildLimits, Built
from judge_node.pipeline.commands import ENVIRONMENT
from judge_node.pipeline.job import MEBIBYTE, JobValidator
from judge_node.pipeline.judging import Workshop
from judge_node.pipeline.programs import ValidatorBroken
from judge_node.sandbox.interface import Command, View
from judge_node.sandbox.limits import RunLimits, wall_limit_seconds

_SECONDS = 60.0
_MEMORY_BYTES = 1024 * MEBIBYTE
_TEST_BYTES = 512 * MEBIBYTE
_HEADERS = (".h", ".hpp")


@dataclass(slots=True)
class Generation:
    """One package whose tests are made. `folder` is its own copy: `tree` was scanned there, and made tests are written there."""

    tree: Tree
    root: Xml.Element
    testset: Testset
    folder: Path
    workshop: Workshop
    languages: Mapping[str, Language]
    prepare: Callable[[Language], object]
    _built: dict[str, Built] = field(default_factory=dict)

    def make(self, missing: Sequence[int], tell: Callable[[str], None]) -> None:
        """Makes inputs and answers of these tests. Refusal(422) naming the test where that cannot be done."""
        if self.root.find("assets/interactor") is not None:
            raise Refusal(422, "problem.xml: answers of an interactive problem cannot be generated.")
        for number in missing:
            source, answer = self.testset.names(number)
            if source not in self.tree.files:
                tell(source)
                self._generate(number, self.folder / source)
            if answer not in self.tree.files:
                tell(answer)
                self._answer(self.folder / source, self.folder / answer)

    def _generate(self, number: int, target: Path) -> None:
        test = self.testset.tests[number - 1]
        words = shlex.split(test.get("cmd", ""))
        if test.get("method") != "generated" or not words:
            raise Refusal(422, f"problem.xml: test {number} was made by hand and is not in the package.")
        if any(word.startswith(">") for word in words):
            raise Refusal(422, f"problem.xml: the command of test {number} makes several tests at once.")
        sources = [one.get("path", "") for one in self.root.findall("files/executables/executable/source")]
        path = next((one for one in sources if Path(one).stem == words[0]), "")
        if path not in self.tree.files:
            raise Refusal(422, f"problem.xml: the generator {words[0]} of test {number} is not in the package.")
        self._run(self._program(path), words[1:], None, target, f"The generator {words[0]} of test {number}")

    def _answer(self, source: Path, target: Path) -> None:
        solutions = self.root.findall("assets/solutions/solution")
        main = next((one.find("source") for one in solutions if one.get("tag") == "main"), None)
        path = "" if main is None else main.get("path", "")
        if path not in self.tree.files:
            raise Refusal(422, "problem.xml: there is no main solution to make answers with.")
        self._run(self._program(path), (), source, target, f"The main solution on {source.name}")

    def _program(self, path: str) -> Built:
        if path not in self._built:
            names = [
                path,
                *(one for one in (f"files/{below}" for below in self.tree.below("files")) if one.endswith(_HEADERS)),
            ]
            files = tuple(SourceFile(one.rpartition("/")[2], self.tree.files[one].read_bytes()) for one in names)
            language = guess_language([files[0].name], self.languages)
            if language is None:
                raise Refusal(422, f"{path}: it is in no language that this judge knows.")
            self.prepare(language)
            limits = BuildLimits(_SECONDS, 2 * _MEMORY_BYTES)
            try:
                self._built[path] = self.workshop.validators.get(
                    self.workshop.sandbox, JobValidator(files, language), limits
                )
            except ValidatorBroken as broken:
                raise Refusal(422, f"{path}: {broken.sentence.replace('The output validator', 'It')}") from None
        return self._built[path]

    def _run(self, program: Built, words: Sequence[str], source: Path | None, target: Path, who: str) -> None:
        run = program.language.run
        memory = _MEMORY_BYTES + run.memory_allowance_bytes
        limits = RunLimits(
            cpu_seconds=_SECONDS,
            wall_seconds=wall_limit_seconds(_SECONDS),
            memory_bytes=memory,
            output_bytes=_TEST_BYTES,
            file_bytes=_TEST_BYTES,
            processes=run.processes,
        )
        view = View(program=program.folder, profile=run.profile)
        container = self.workshop.sandbox.container(view, memory_bytes=memory, processes=run.processes)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            command = Command(program.argv(_MEMORY_BYTES, words), {**ENVIRONMENT, **run.environment})
            outcome = container.run(command, limits, stdin=source, stdout=target, stop=threading.Event())
        finally:
            container.close()
        if outcome.limit is not None or outcome.exit_code != 0:
            said = outcome.stderr_head.decode("utf-8", "replace").strip()[:300]
            ended = f"its {outcome.limit.value} limit" if outcome.limit else f"exit code {outcome.exit_code}"
            raise Refusal(422, f"{who} ended by {ended}. {said}".rstrip())
        target.chmod(0o644)
