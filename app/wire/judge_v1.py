"""Messages between a judge node and the server, version 1 (JSON over TLS 1.3 on the node port, DESIGN 3).

    POST /judge/v1/join       JoinRequest → JoinChallenge        the node sends the hash of a random number (no token yet)
    POST /judge/v1/join/open  JoinOpen → JoinWaiting             the node opens its number; both sides can now show the code
    POST /judge/v1/join/poll  JoinPoll → JoinResult              waits ≤ 20 s for the organiser
    POST /judge/v1/hello      Hello → Welcome                    from here on: Authorization: Bearer TOKEN
    POST /judge/v1/lease      LeaseRequest → TaskGrant | 204     waits 20–25 s
    POST /judge/v1/renew      RenewRequest → RenewAnswer
    POST /judge/v1/report     Report → ReportAnswer              batches, at most every 250 ms; idempotent
    POST /judge/v1/finish     Finish → ReportAnswer              the last runs and the end of the lease; idempotent
    POST /judge/v1/give_back  GiveBack → 204
    POST /judge/v1/fault      FaultReport → 204
    GET  /judge/v1/blobs/SHA256?lease=ID  → bytes (ranges)       only hashes named in a live task of that node
    PUT  /judge/v1/blobs/SHA256?lease=ID  bytes ≤ 8 MiB → 204    a whole output; 413 over the quota, 507 no room: judging goes on without

Unknown fields of a newer peer are ignored in answers and refused in commands. Every body is bounded: MAX_BODY bytes.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from app.core.spans import MOST_TESTS
from app.core.verdict import Verdict
from app.wire.package_v1 import (
    Count,
    GroupGrade,
    Hex64,
    MadeFile,
    PackageInput,
    PackageProgram,
    PackageReport,
    PackageStep,
    PackageWork,
    Seconds,
    Small,
    TaskFile,
    Word,
)

__all__ = [
    "Count",
    "GroupGrade",
    "Hex64",
    "MadeFile",
    "PackageInput",
    "PackageProgram",
    "PackageReport",
    "PackageStep",
    "PackageWork",
    "Seconds",
    "Small",
    "TaskFile",
    "Word",
]
"""What is defined there and asked for here."""

MAX_BODY = 2 * 1024 * 1024
LEASE_SECONDS = 8.0
RENEW_SECONDS = 2.0
REPORT_SECONDS = 0.25
HEAD_CHARS = 8192
MAX_FACTS = 16 * 1024
MAX_OUTPUT_BYTES = 8 * 1024 * 1024
"""Whole outputs of one judgement together."""
MAX_OUTPUTS = 1024
SHARES_TESTS = "spans"
"""The ability of a node that runs a span of a task's tests, and hears that the tail of its span was lent to another."""


def _bounded(facts: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(facts, allow_nan=False)) > MAX_FACTS:
        raise ValueError(f"facts are at most {MAX_FACTS} characters of JSON")
    return facts


Facts = Annotated[dict[str, Any], AfterValidator(_bounded)]
"""What a machine says of itself, for people: it is kept and shown, so it is small."""


class Message(BaseModel):
    """A command: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """An answer: unknown fields of a newer peer are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class JoinRequest(Message):
    """A machine asks to be paired: commitment = SHA-256 hex of its random 32 bytes.

    Kind "console": the organiser's console on another machine. It gets a token for /admin/v1 on this port and nothing below /judge/v1.
    """

    commitment: Hex64
    name: Word
    facts: Facts = {}
    kind: Literal["node", "console"] = "node"


class JoinChallenge(Answer):
    """The server's random number (hex of 32 bytes), its CA certificate (PEM) and the name of this request."""

    request_id: Word
    server_nonce: Hex64
    ca_pem: str


class JoinOpen(Message):
    """The node's number; the server checks it against the commitment. Code = app.lan.pairing.code(CA, node, server)."""

    request_id: Word
    node_nonce: Hex64


class JoinWaiting(Answer):
    """The request is now shown to the organiser, who compares 8 letters."""

    expires_in_seconds: int


class JoinPoll(Message):
    """Waits for the organiser's decision."""

    request_id: Word


class JoinResult(Answer):
    """state: waiting, approved (token set: shown once), refused, expired."""

    state: Literal["waiting", "approved", "refused", "expired"]
    token: str = ""
    node_id: str = ""


class LanguageOffer(Message):
    """A language that the node can judge, with the fingerprint of its toolchain."""

    id: Word
    fingerprint: Word


class Hello(Message):
    """First message of each connection of a paired node. `trouble` is a sentence: why its self-test did not pass."""

    facts: Facts
    slots: int = Field(ge=1, le=1024)
    languages: list[LanguageOffer] = Field(max_length=200)
    abilities: list[Word] = Field(default=[], max_length=200)
    selftest_passed: bool = False
    trouble: Word = ""
    free_memory_bytes: Count


class Welcome(Answer):
    """The server's id, its name for the node, and the last signed head of the event log (hex; "" before the first).

    `forget`: as in TaskGrant; a node that has not obeyed it yet does so now.
    """

    server_id: str
    node_id: str
    name: str
    head_seq: int = 0
    head_hash: str = ""
    head_signature: str = ""
    paused: bool = False
    forget: str = ""


class LeaseRequest(Message):
    """How many slots are free now, what memory, and which `forget` was obeyed last ("": none)."""

    free_slots: int = Field(ge=0, le=1024)
    free_memory_bytes: Count
    forgotten: Word = ""


class TaskTest(Answer):
    """One test: its number from 1, name, blobs of input and answer, arguments for the validator.

    `arguments` are the submission's command line, `files` are put into its working directory.
    """

    number: int
    name: str
    input: Hex64
    input_size: int
    answer: Hex64
    answer_size: int
    validator_arguments: list[str] = []
    sample: bool = False
    arguments: list[str] = []
    files: list[TaskFile] = []
    static: bool = False
    """The static validator is asked about the sources; nothing is run."""


class TaskLimits(Answer):
    """Limits of DESIGN 6. Memory, output and source in bytes."""

    cpu_seconds: float
    memory_bytes: int
    output_bytes: int
    compile_seconds: float = 60.0
    compile_memory_bytes: int = 2048 * 1024 * 1024
    validation_seconds: float = 60.0
    validation_memory_bytes: int = 2048 * 1024 * 1024
    validation_output_bytes: int = 8 * 1024 * 1024
    validation_passes: int = 2


class KnownRun(Answer):
    """A test that another lease has run: what counts of it already, and is not run again."""

    number: int
    verdict: Verdict
    score_millionths: int | None = None


class TaskGrant(Answer):
    """A task with its lease. language_definition is the TOML's data, language_hash its SHA-256.

    `include` are the package's files that are put over the submission's before compiling, `known` what counts already. The node
    runs what is needed of the tests from `first` to `last` (app.core.spans); `tests` are all, by their numbers. Kind "selftest" is no
    lease: the node tests itself and says hello again. Neither is "forget": contests were closed, the node empties its cache and remembers
    the stamp in `forget`. Of a `transient` task nothing is kept in the cache.
    """

    kind: Literal["judge", "package", "measure", "custom", "selftest", "forget"]
    lease_id: str
    attempt: int
    deadline_seconds: float
    submission_id: int = 0
    judgement_id: int = 0
    problem: str = ""
    language: str = ""
    language_definition: dict[str, Any] = {}
    language_hash: str = ""
    entry_point: str = ""
    files: list[TaskFile] = []
    include: list[TaskFile] = []
    tests: list[TaskTest] = []
    known: list[KnownRun] = []
    first: int = 1
    last: int = MOST_TESTS
    limits: TaskLimits | None = None
    validator: Literal["default", "custom"] = "default"
    validator_files: list[TaskFile] = []
    validator_language: str = ""
    validator_entry_point: str = ""
    all_tests: bool = False
    alone: bool = False
    interactive: bool = False
    multi_pass: bool = False
    grading: dict[str, Any] | None = None
    """The rules of a scoring problem, as app.core.scoring.grading_document reads them."""
    ways: dict[str, Any] | None = None
    """How submissions are run, as app.core.ways reads it; None is the plain way."""
    grader: PackageProgram | None = None
    """The package's own grader of test groups."""
    static_validator: PackageProgram | None = None
    package: PackageWork | None = None
    forget: str = ""
    transient: bool = False


class RenewRequest(Message):
    """All leases that the node still works on."""

    lease_ids: list[Word] = Field(max_length=1024)


class RenewAnswer(Answer):
    """Which were extended, which are not the node's any more (stop that work); `last`: as in ReportAnswer, where it was cut."""

    extended: list[str]
    cancelled: list[str]
    last: dict[str, int] = {}


class RunReport(Message):
    """One run, as app.core.judgement.Run; floats are seconds."""

    number: int = Field(ge=1, le=MOST_TESTS)
    test: Word
    verdict: Literal["AC", "WA", "TLE", "MLE", "OLE", "RTE", "NO", "JE"]
    cpu_seconds: Seconds
    wall_seconds: Seconds
    memory_bytes: Count
    exit_code: Small | None = None
    signal: Small | None = None
    limit: Word = ""
    processes: Small = 0
    message: Annotated[str, Field(max_length=HEAD_CHARS)] = ""
    stdout_head: Annotated[str, Field(max_length=HEAD_CHARS)] = ""
    stderr_head: Annotated[str, Field(max_length=HEAD_CHARS)] = ""
    repeats: list[Seconds] = Field(default=[], max_length=16)
    near_limit: bool = False
    flaky: bool = False
    disturbed: bool = False
    score_millionths: Annotated[int, Field(ge=-(2**53), le=2**53)] | None = None
    transcript: Annotated[str, Field(max_length=HEAD_CHARS)] = ""
    stdout_bytes: Count | None = None


class CompileReport(Message):
    """What the compiler said."""

    ok: bool
    output: Annotated[str, Field(max_length=65536)] = ""
    cpu_seconds: Seconds = 0
    wall_seconds: Seconds = 0
    memory_bytes: Count = 0


class Report(Message):
    """Progress of a lease: compiling, then runs in batches."""

    lease_id: Word
    attempt: Count
    phase: Literal["fetching", "compiling", "running"]
    compile: CompileReport | None = None
    runs: list[RunReport] = Field(default=[], max_length=2000)


class ReportAnswer(Answer):
    """accepted False: the lease is not this node's any more. cancel: stop working on it. last: the tests after it are another's."""

    accepted: bool
    cancel: bool = False
    last: int | None = None


class Finish(Message):
    """The end of a lease with whatever was not yet reported; `package` ends a task of that kind.

    `output_blobs` names whole outputs that were PUT under this lease, by the number of their test, `output_notes` says why one was not.
    """

    lease_id: Word
    attempt: Count
    compile: CompileReport | None = None
    runs: list[RunReport] = Field(default=[], max_length=2000)
    output_blobs: dict[Word, Hex64] = Field(default={}, max_length=MAX_OUTPUTS)
    output_notes: dict[Word, Word] = Field(default={}, max_length=MAX_OUTPUTS)
    package: PackageReport | None = None
    grades: list[GroupGrade] = Field(default=[], max_length=5000)


class GiveBack(Message):
    """The node stops (SIGTERM) or cannot go on with this lease, without any fault of the task."""

    lease_id: Word
    reason: Word


class FaultReport(Message):
    """The node's own failure on a lease; the node takes no work until its self-test passes."""

    lease_id: Word
    kind: Word
    sentence: Word
    log_tail: Annotated[str, Field(max_length=16384)] = ""
