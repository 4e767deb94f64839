"""The composition root: builds the services of one data folder by hand, in one place, in the order of who needs whom."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata

from app.adapters.anchored_clock import AnchoredClock
from app.adapters.disk.blobs import DiskBlobs
from app.adapters.memory.bell import MemoryBell
from app.adapters.memory.limiter import MemoryLimiter
from app.adapters.sqlite.store import SqliteStore
from app.lan.pki import Authority, open_authority
from app.lan.spoken import spoken
from app.languages.definition import Language
from app.languages.loader import load_languages
from app.server.collector import collector_off
from app.server.folder import Folder
from app.server.opening import open_store
from app.server.settings import Settings
from app.services.accounts import Accounts, Secrets
from app.services.audit import Audit
from app.services.catalog import Services
from app.services.clock_watch import ClockWatch, behind_the_log
from app.services.completions import Completions
from app.services.contest_book import ContestBook
from app.services.control import Control
from app.services.desk import Desk, HostFacts
from app.services.dispatch import Dispatch
from app.services.exports import Exports
from app.services.judging_book import JudgingBook
from app.services.jury_solutions import JurySolutions
from app.services.live_work import LiveWork
from app.services.machines import Machines
from app.services.problem_detail import ProblemDetails
from app.services.problems import Problems
from app.services.rejudge import Rejudge
from app.services.replay import replay_log
from app.services.report import Reports
from app.services.standings import Standings
from app.services.submissions import Submissions
from app.services.submit import Submit
from app.services.uploads import Uploads
from app.services.versions import Versions


@dataclass(slots=True)
class Outside:
    """What becomes known only when the front door is open and backups run; the desk asks for it each time."""

    people_url: str = ""
    trust_url: str = ""
    node_url: str = ""
    backup_age_ms: Callable[[], int | None] = field(default=lambda: None)
    backup_trouble: Callable[[], str] = field(default=lambda: "")


@dataclass(frozen=True, slots=True)
class House:
    """Everything that lives in one data folder. Use as a context: leaving it closes the store and gives the folder back.

    `beats` are the duties by the clock: (name, seconds between two turns, what to do). `board_beat` is one that needs a thread of its own:
    with thousands of teams it takes long, and a late tick of the leases costs machines their work.
    """

    folder: Folder
    settings: Settings
    services: Services
    store: SqliteStore
    blobs: DiskBlobs
    authority: Authority
    languages: Mapping[str, Language]
    outside: Outside
    beats: tuple[tuple[str, float, Callable[[], object]], ...]
    board_beat: tuple[str, float, Callable[[], object]]
    completions: Completions

    def __enter__(self) -> House:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Finishes what is queued, closes the store, gives the folder back."""
        self.completions.close()
        self.services.accounts.close()
        self.store.close()
        self.folder.release()


def version() -> str:
    """The product's version."""
    return metadata.version("contestbox")


def build(folder: Folder, settings: Settings) -> House:
    """Holds the folder, opens its store and builds the services. Raises Refusal when another server has it, Fault("storage", …)."""
    folder.hold()
    try:
        return _build(folder, settings)
    except BaseException:
        folder.release()
        raise


def _build(folder: Folder, settings: Settings) -> House:
    clock = AnchoredClock()
    store = open_store(folder, backup=settings.backup, sync=settings.backup_sync)
    blobs = DiskBlobs.open_folder(folder.blobs)
    authority = open_authority(folder.secrets)
    bell, languages, outside = MemoryBell(clock), load_languages(), Outside()
    book = ContestBook(store, clock)
    judging = JudgingBook(store, bell)
    standings = Standings(store=store, bell=bell, clock=clock, book=book)
    work = LiveWork()
    keys = Secrets(folder.secret("passwords"), folder.secret("tokens"), authority.server_id)
    accounts = Accounts(store=store, clock=clock, limiter=MemoryLimiter(clock), keys=keys)
    control = Control(store=store, bell=bell, clock=clock, book=book, judging=judging)
    audit = Audit(store=store, clock=clock, book=book, private_key=folder.secret("log_signature"))
    machines = Machines(store=store, bell=bell, clock=clock, work=work, ca_der=authority.der, ca_pem=authority.pem)
    dispatch = Dispatch(
        store=store, bell=bell, clock=clock, machines=machines, work=work, languages=languages,
        server_id=authority.server_id,
    )  # fmt: skip
    problems = Problems(store=store, clock=clock, blobs=blobs, book=book, standings=standings)
    solutions = JurySolutions(store=store, bell=bell, clock=clock, book=book, machines=machines, languages=languages)
    completions = Completions(store=store, blobs=blobs, problems=problems)
    reports = Reports(store=store, bell=bell, clock=clock, machines=machines, work=work, on_package=completions.look)
    desk = Desk(
        store=store, bell=bell, clock=clock, book=book, judging=judging, machines=machines, dispatch=dispatch,
        rejudge=Rejudge(store=store, clock=clock),
        host_facts=lambda: _host_facts(folder, store, authority, clock, started, outside, behind_ms),
    )  # fmt: skip
    services = Services(
        accounts=accounts,
        submit=Submit(store=store, clock=clock, book=book, languages=languages),
        submissions=Submissions(store=store, bell=bell, clock=clock, book=book, progress_of=reports.progress),
        standings=standings,
        problems=problems,
        versions=Versions(store=store, clock=clock, blobs=blobs, book=book),
        solutions=solutions,
        details=ProblemDetails(store=store, blobs=blobs, solutions=solutions),
        exports=Exports(folder.root / "exports", store, blobs),
        uploads=Uploads(folder.root / "uploads", clock, blobs.has_room),
        control=control,
        machines=machines,
        dispatch=dispatch,
        report=reports,
        audit=audit,
        desk=desk,
        bell=bell,
        clock=clock,
        store=store,
    )
    started, behind_ms = int(clock.now()), behind_the_log(store, clock)
    control.on_phase_change(audit.phase_changed)
    with collector_off():
        replay_log(store, judging, standings)
    dispatch.start()
    completions.start()
    beats = _beats(store, clock, services)
    board = ("the board", 0.1, standings.tick)
    return House(folder, settings, services, store, blobs, authority, languages, outside, beats, board, completions)


def _beats(
    store: SqliteStore, clock: AnchoredClock, services: Services
) -> tuple[tuple[str, float, Callable[[], object]], ...]:
    """The duties by the clock."""
    return (
        ("the leases' tick", 0.5, services.dispatch.tick),
        ("the contest's clock", 0.1, services.control.tick),
        ("the wall clock", 1.0, ClockWatch(store=store, clock=clock).tick),
        ("the log's signature", 60.0, services.audit.tick),
        ("versions on trial", 0.5, services.versions.tick),
        ("jury solutions", 1.0, services.solutions.tick),
    )


def _host_facts(
    folder: Folder,
    store: SqliteStore,
    authority: Authority,
    clock: AnchoredClock,
    started_ms: int,
    outside: Outside,
    behind_ms: int,
) -> HostFacts:
    return HostFacts(
        server_id=authority.server_id,
        version=version(),
        started_ms=started_ms,
        people_url=outside.people_url,
        node_url=outside.node_url,
        data=str(folder.root),
        store_bytes=store.size_bytes,
        commit_ms=store.last_commit_ms,
        backup_age_ms=outside.backup_age_ms(),
        free_bytes=shutil.disk_usage(folder.root).free,
        trust_url=outside.trust_url,
        trust_words=" ".join(spoken(authority.fingerprint)) if outside.trust_url else "",
        backup_trouble=outside.backup_trouble(),
        clock_behind_ms=behind_ms,
    )
