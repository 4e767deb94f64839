"""Submitting by form: a file, several, or pasted code; problem and language are guessed where they are not chosen.

Works without JavaScript. Whatever is refused comes back as a page with the sentence and the text that was sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass, field, replace

import flask
from flask.typing import ResponseReturnValue

from app.core import visibility
from app.core.contest import Contest
from app.core.errors import Refusal
from app.core.ids import LanguageId, ProblemId, submission_public_id
from app.core.problem import Problem
from app.core.submission import SourceFile
from app.languages.definition import Language
from app.languages.detect import suggest_file_name
from app.services.answers import SubmitRequest
from web import guard
from web.errors import answer, wants_json
from web.pages.frame import Frame, chosen
from web.pages.guess import guess_language_of, guess_problem
from web.pages.outputs import names_in_words, outputs_of
from web.pages.signin import local_path
from web.pages.speech import retold
from web.pages.speech import translated as _
from web.session import visitor

ANSWER_SECONDS = 5.0
KEPT_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """What the form holds when it is shown: fresh, or kept after a refusal. `key` makes sending twice harmless."""

    key: str
    problem: str = ""
    language: str = ""
    code: str = ""
    file_name: str = ""
    entry_point: str = ""
    sentence: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls, problem: str = "") -> SubmitForm:
        """An empty form with a key of its own."""
        return cls(key=visitor().hole("key") or secrets.token_urlsafe(18), problem=problem)


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: problems, languages of the contest; `open` when the visitor may submit now. `outputs` are the tests of each
    problem that takes their outputs instead of a program."""

    problems: Sequence[Problem]
    languages: Sequence[Language]
    open: bool
    limit_bytes: int
    outputs: Mapping[ProblemId, tuple[str, ...]]

    def names_for(self, problem_id: ProblemId) -> str:
        """What the outputs of a problem are called, in words; "" for a problem that takes programs."""
        return names_in_words(self.outputs[problem_id]) if problem_id in self.outputs else ""


def blueprint(frame: Frame) -> flask.Blueprint:
    """`GET /submit` the form as a page, `POST /submit` from every card."""
    pages = flask.Blueprint("submit", __name__)

    @pages.get("/submit")
    def form_page() -> ResponseReturnValue:
        frame.require_player()
        return _page(frame, SubmitForm.fresh(chosen_problem(flask.request.args.get("problem", ""))))

    @pages.post("/submit")
    def submit() -> ResponseReturnValue:
        frame.require_player()
        arrived = guard.arrived(frame.services.clock)
        form, files = _read(frame)
        try:
            request = _complete(frame, form, files)
            accepted = frame.services.submit.accept(visitor().caller, request, arrived).result(ANSWER_SECONDS)
        except NotInTime:
            refusal = Refusal(
                503, _("The server is busy. Send it once more: it will be counted once."), retry_after_seconds=2
            )
            return _refused(frame, form, files, refusal)
        except Refusal as refusal:
            return _refused(frame, form, files, refusal)
        if wants_json():
            return {"submission_id": submission_public_id(accepted.submission_id), "repeated": accepted.repeated}, 202
        return flask.redirect(local_path(flask.request.form.get("next", "/")), 303)

    return pages


def problem_choices(frame: Frame, contest: Contest) -> Choices:
    """The problems and languages that the visitor may submit with now."""
    caller = visitor().caller
    problems = [view.problem for view in frame.services.problems.list(caller, contest.id)]
    languages = [frame.languages[name] for name in contest.languages if name in frame.languages]
    entry = visibility.may_submit(caller, contest, frame.services.clock.now())
    tests = {one.id: frame.services.problems.outputs(one) for one in problems}
    outputs = {problem_id: names for problem_id, names in tests.items() if names}
    return Choices(problems, languages, entry is visibility.Entry.OPEN, contest.source_limit_bytes, outputs)


def chosen_problem(text: str) -> str:
    """A problem's id from the address, shortened to what an id can be."""
    return text[:80]


def _read(frame: Frame) -> tuple[SubmitForm, tuple[SourceFile, ...]]:
    sent = flask.request.form
    uploads = [one for one in flask.request.files.getlist("files") if one.filename]
    files = tuple(SourceFile((one.filename or "").replace("\\", "/").rpartition("/")[2], one.read()) for one in uploads)
    code = sent.get("code", "").replace("\r\n", "\n")
    form = SubmitForm(
        key=sent.get("key", "")[:128] or secrets.token_urlsafe(18),
        problem=sent.get("problem", "")[:80],
        language=chosen(frame.languages, sent.get("language", "")),
        code=code,
        file_name=sent.get("file_name", "")[:255],
        entry_point=sent.get("entry_point", "")[:255].strip(),
    )
    return form, files


def _complete(frame: Frame, form: SubmitForm, files: tuple[SourceFile, ...]) -> SubmitRequest:
    """The request that the form means, with the guesses filled in. Raises Refusal(422) naming the field that is missing."""
    if not files and not form.code.strip():
        raise Refusal(422, _("Choose a file or paste the code first."), fields={"files": _("nothing to submit")})
    contest = frame.the_contest()
    choices = problem_choices(frame, contest)
    names = [file.name for file in files] or ([form.file_name] if form.file_name else [])
    texts = [file.data.decode("utf-8", "replace") for file in files] or [form.code]
    tests = choices.outputs.get(ProblemId(form.problem))
    if tests:
        return _outputs(form, files, tests, contest, choices)
    language_id = form.language or guess_language_of(names, texts, choices.languages)
    if not language_id:
        raise Refusal(
            422, _("The language cannot be told from the file. Choose it."), fields={"language": _("choose one")}
        )
    problem_id = form.problem or guess_problem(names, [(one.id, one.label, one.title) for one in choices.problems])
    if not problem_id:
        raise Refusal(
            422, _("The problem cannot be told from the file’s name. Choose it."), fields={"problem": _("choose one")}
        )
    if not files:
        name = form.file_name or suggest_file_name(frame.languages[language_id], form.code)
        files = (SourceFile(name, form.code.encode()),)
    return SubmitRequest(ProblemId(problem_id), LanguageId(language_id), files, form.entry_point, form.key, contest.id)


def _outputs(
    form: SubmitForm, files: tuple[SourceFile, ...], tests: tuple[str, ...], contest: Contest, choices: Choices
) -> SubmitRequest:
    """Outputs are in no language: the submission gets the problem's first, which nobody is asked for."""
    problem = next(one for one in choices.problems if one.id == form.problem)
    language = LanguageId(next(iter(problem.languages or contest.languages), ""))
    given = files or (SourceFile(form.file_name or "output.txt", form.code.encode()),)
    found = outputs_of(given, tests, contest.source_limit_bytes)
    return SubmitRequest(problem.id, language, found, "", form.key, contest.id)


def _refused(frame: Frame, form: SubmitForm, files: tuple[SourceFile, ...], refusal: Refusal) -> ResponseReturnValue:
    if wants_json():
        return answer(refusal)
    kept = replace(form, sentence=retold(refusal.sentence), fields=refusal.fields)
    if not form.code and len(files) == 1 and len(files[0].data) <= KEPT_BYTES:
        kept = replace(kept, code=files[0].data.decode("utf-8", "replace"), file_name=files[0].name)
    if refusal.code == 409:  # the key stands for what was sent before; what is sent next is new
        kept = replace(kept, key=secrets.token_urlsafe(18))
    response = flask.make_response(_page(frame, kept), refusal.code)
    if refusal.retry_after_seconds is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


def _page(frame: Frame, form: SubmitForm) -> str:
    contest = frame.the_contest()
    return flask.render_template(
        "submit.html", form=form, choices=problem_choices(frame, contest), phase=frame.phase(contest)
    )
