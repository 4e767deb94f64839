"""The two families of errors: what the caller did, and what we or the machine did."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """Somebody asked for what is not allowed or not possible; the sentence is shown to them.

    `code` is the HTTP status of API.md; `sentence` says what to do; `fields` names the offending fields of a request;
    `retry_after_seconds` is set where trying again later helps (429, 503).
    """

    def __init__(
        self,
        code: int,
        sentence: str,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.fields = dict(fields or {})
        self.retry_after_seconds = retry_after_seconds


class Fault(Exception):
    """The environment or our own code failed; logged with its traceback, never a verdict.

    `kind` is a short word for machines ("sandbox", "storage", "toolchain"), `sentence` one sentence for people.
    """

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.sentence = sentence
