"""Remembers what `verify` has judged: a result is found again only when everything that it depends on is the same."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.core.submission import SourceFile
from app.core.verdict import Verdict
from app.languages.definition import Language
from judge_node.pipeline.job import JobLimits


@dataclass(frozen=True, slots=True)
class Seen:
    """One test of a judgement, with what its validator said."""

    test: str
    verdict: Verdict
    cpu_seconds: float
    message: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What is kept of a judgement: `runs` are the verdicts of the tests that ran, in their order, `seen` the same ones
    with more of each; `groups` are names and scores of test groups.
    """

    verdict: Verdict
    cpu_seconds: float
    runs: tuple[Verdict, ...]
    message: str = ""
    seen: tuple[Seen, ...] = ()
    score_millionths: int | None = None
    groups: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class VerdictCache:
    """Judgements below `folder`, one small file each. `package` names what the package judges by, `build`
    our own build.
    """

    folder: Path
    package: str
    build: str

    def key(
        self,
        sources: Sequence[SourceFile],
        language: Language,
        fingerprint: str,
        limits: JobLimits,
        *,
        entry_point: str | None,
        all_tests: bool,
    ) -> str:
        """The key of a judgement: sources and what is started, package, definition, toolchain, limits, node build."""
        parts = {
            "sources": sorted((file.name, hashlib.sha256(file.data).hexdigest()) for file in sources),
            "package": self.package,
            "definition": language.definition_hash,
            "toolchain": fingerprint,
            "limits": asdict(limits),
            "entry_point": entry_point,
            "all_tests": all_tests,
            "build": self.build,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def get(self, key: str) -> Judged | None:
        """The judgement kept under the key. A file that cannot be understood counts as none."""
        try:
            kept = json.loads(self._path(key).read_text(encoding="utf-8"))
            runs = tuple(Verdict(verdict) for verdict in kept["runs"])
            seen = tuple(_seen(one) for one in kept["seen"])
            score = None if kept["score_millionths"] is None else int(kept["score_millionths"])
            groups = tuple((str(name), int(points)) for name, points in kept["groups"])
            message = str(kept["message"])
            return Judged(Verdict(kept["verdict"]), float(kept["cpu_seconds"]), runs, message, seen, score, groups)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, key: str, judged: Judged) -> None:
        """Keeps a judgement; judging errors are never kept."""
        if judged.verdict is Verdict.JE:
            return
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(judged), file)
        os.replace(name, path)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _seen(kept: Mapping[str, Any]) -> Seen:
    return Seen(str(kept["test"]), Verdict(kept["verdict"]), float(kept["cpu_seconds"]), str(kept["message"]))
