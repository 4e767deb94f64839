"""The scoring rules of package versions, read once: versions are immutable, and most problems have none."""

from __future__ import annotations

import threading
from collections import OrderedDict

from app.core.ids import JudgementId, PackageVersion
from app.core.judgement import Judgement
from app.core.scoring.grading_document import read_grading
from app.core.scoring.groups import Grading, GroupResult
from app.core.scoring.legacy_groups import LegacyGrading
from app.core.spans import Rules
from app.ports.store import View
from app.services.reported_grades import with_kept

_KEPT = 64


class Gradings:
    """Remembers the rules of the newest versions that were asked for. Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[PackageVersion, Grading | None] = OrderedDict()

    def of(self, view: View, version: PackageVersion) -> Grading | None:
        """The rules of a version, None for a pass-fail problem or one that is not there any more."""
        with self._lock:
            if version in self._kept:
                self._kept.move_to_end(version)
                return self._kept[version]
        record = view.package(version)
        if record is None:
            return None
        grading = read_grading(record.manifest.get("grading"))
        with self._lock:
            self._kept[version] = grading
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return grading

    def rules(self, view: View, judgement: Judgement) -> Rules:
        """How a judgement goes through its tests, by the contest's setting of now."""
        contest = view.contest(judgement.contest_id)
        every = contest is not None and contest.all_tests
        return Rules(judgement.test_count, self.of(view, judgement.package_version), all_tests=every)

    def groups(self, view: View, version: PackageVersion, judgement_id: JudgementId) -> tuple[GroupResult, ...]:
        """What the counted runs of a judgement say of each group; nothing while they are open."""
        grading = self.of(view, version)
        if grading is None:
            return ()
        judgement = view.judgement(judgement_id) if isinstance(grading, LegacyGrading) and grading.custom else None
        if judgement is not None:
            grading = with_kept(grading, judgement.grades)
        graded = grading.fold({one.run.number: one.run for one in view.runs(judgement_id) if one.counted})
        return graded.groups if graded is not None else ()
