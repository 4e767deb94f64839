"""What the reader of a package finds wrong: errors with file and line, and warnings, collected and told together."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.errors import Refusal

_MOST = 20


def place(file: str, line: int | None = None) -> str:
    """Where something is, as people write it: `problem.yaml, line 7`."""
    return file if line is None else f"{file}, line {line}"


@dataclass(slots=True)
class Findings:
    """Errors and warnings of one reading, in the order in which they were found."""

    errors: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def error(self, file: str, line: int | None, sentence: str) -> None:
        """Notes what makes the package unusable."""
        self.errors.append((place(file, line), sentence))

    def warn(self, file: str, line: int | None, sentence: str) -> None:
        """Notes what was tolerated."""
        self.warnings.append(f"{place(file, line)}: {sentence}")

    def refuse_errors(self) -> None:
        """Refusal(422) with the first error as its sentence, the number of the others, and all of them as fields."""
        if not self.errors:
            return
        where, sentence = self.errors[0]
        others = len(self.errors) - 1
        more = f" (and {others} more {'error' if others == 1 else 'errors'})" if others else ""
        raise Refusal(422, f"{where}: {sentence}{more}", fields=dict(reversed(self.errors[:_MOST])))
