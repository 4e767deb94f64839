"""All use cases in one value: built by app/server/wiring, handed to the gate, to Flask and to the node port."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.clock import Clock
    from app.ports.bell import Bell
    from app.ports.store import Store
    from app.services.accounts import Accounts
    from app.services.audit import Audit
    from app.services.control import Control
    from app.services.desk import Desk
    from app.services.dispatch import Dispatch
    from app.services.exports import Exports
    from app.services.jury_solutions import JurySolutions
    from app.services.machines import Machines
    from app.services.problem_detail import ProblemDetails
    from app.services.problems import Problems
    from app.services.report import Reports
    from app.services.standings import Standings
    from app.services.submissions import Submissions
    from app.services.submit import Submit
    from app.services.uploads import Uploads
    from app.services.versions import Versions


@dataclass(frozen=True, slots=True)
class Services:
    """The services of one server. All of them may be called from any thread."""

    accounts: Accounts
    submit: Submit
    submissions: Submissions
    standings: Standings
    problems: Problems
    versions: Versions
    solutions: JurySolutions
    details: ProblemDetails
    exports: Exports
    uploads: Uploads
    control: Control
    machines: Machines
    dispatch: Dispatch
    report: Reports
    audit: Audit
    desk: Desk
    bell: Bell
    clock: Clock
    store: Store
