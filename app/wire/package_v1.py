"""What is said about problem packages on the node port, and the shapes that all messages there are made of (see judge_v1)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Hex64 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Word = Annotated[str, Field(max_length=200)]
Seconds = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=2**53)]
"""What the store and every reader of JSON can hold."""
Small = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class Message(BaseModel):
    """A command: unknown fields are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """An answer: unknown fields of a newer peer are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TaskFile(Answer):
    """A file by hash (validator sources) or inline (submitted source, base64)."""

    name: str
    sha256: Hex64
    data_base64: str | None = None


class PackageProgram(Answer):
    """A program of a package: an input validator or a jury solution. `language` "" is told by the file names."""

    name: str
    files: list[TaskFile]
    language: str = ""
    entry_point: str = ""


class PackageInput(Answer):
    """An input for the input validators; `arguments` by the validator's name ("": of every other). Not `valid`: one has to refuse it."""

    name: str
    sha256: Hex64
    size: int
    valid: bool = True
    arguments: dict[str, list[str]] = {}
    files: list[TaskFile] = []


class PackageStep(Answer):
    """One file that a package lacks, and how it is made: as app.package.recipe.Step. Names are paths in the package."""

    target: str
    who: str
    program: list[str] = []
    arguments: list[str] = []
    stdin: str = ""
    copy_of: str = ""
    input_file: str = ""
    output_file: str = ""


class PackageWork(Answer):
    """What a node does with a package: build its validators, look at all inputs, measure a limit (`solutions` are the accepted ones, none:
    the limit is known), convert the TeX statement."""

    version: str
    input_validators: list[PackageProgram] = []
    inputs: list[PackageInput] = []
    answer_validators: list[PackageProgram] = []
    answers: list[PackageInput] = []
    """As inputs are, but the answer is what stdin gets, and the input lies beside it."""
    solutions: list[PackageProgram] = []
    ac_to_time_limit: float = 2.0
    time_resolution: float = 1.0
    statement: TaskFile | None = None
    steps: list[PackageStep] = []
    """Not empty: the package lacks files, and nothing else is to be done than to make these and give them as blobs."""
    sources: list[TaskFile] = []
    """The package's files that the steps need, by their paths in it."""


class GroupGrade(Message):
    """What the package's own grader said of a group; points as an exact fraction of millionths: "numerator/denominator"."""

    group: Annotated[str, Field(max_length=1000)]
    verdict: Literal["AC", "WA", "TLE", "MLE", "OLE", "RTE", "NO"]
    points: Annotated[str, Field(pattern=r"^-?[0-9]{1,120}(/[0-9]{1,120})?$")]


class MadeFile(Message):
    """A file that was made for a package: given in pieces of at most 8 MiB, each a blob of its own; `sha256` is that of the whole."""

    name: Annotated[str, Field(max_length=1000)]
    sha256: Hex64
    size: Count
    pieces: list[Hex64] = Field(max_length=1024)


class PackageReport(Message):
    """What a node found in a package: `problems` refuse it, `notes` do not. `statement_html` is the converter's own, not yet cleaned."""

    problems: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=100)
    notes: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=100)
    cpu_seconds: Seconds | None = None
    statement_html: Annotated[str, Field(max_length=400_000)] = ""
    made: list[MadeFile] = Field(default=[], max_length=5000)
