"""The people's listener: which addresses the gate answers itself; everything else is Flask's."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from random import Random

from app.languages.definition import Language
from app.services.catalog import Services
from web.gate.bodies import SPAN_SECONDS
from web.gate.composed import Composed, new_mark
from web.gate.door import Door
from web.gate.heads import HostCheck
from web.gate.intake import Intake
from web.gate.live import Live
from web.gate.own_sheets import FRAGMENTS, OwnSheets
from web.gate.proxy import Proxy
from web.gate.rendered import Rendered
from web.gate.routes import LARGEST_BODY, Route, Table
from web.gate.sending import PEOPLE_HEADERS
from web.gate.signing import FORM_LIMIT, Signing
from web.gate.static import StaticFiles
from web.gate.stream import SubmissionStreams
from web.gate.tokens import TOKEN_BODY_LIMIT, Tokens
from web.gate.views import VIEWS
from web.gate.waits import Hub


@dataclass(frozen=True, slots=True)
class PeopleSide:
    """What the people's door is made of. `executor`: four threads for reads of the store and files."""

    services: Services
    hub: Hub
    proxy: Proxy
    static: StaticFiles
    executor: Executor
    random: Random
    host_is_ours: HostCheck
    languages: Mapping[str, Language]
    spoken: tuple[str, ...]
    behind: frozenset[str] = frozenset()
    body_span_seconds: float = SPAN_SECONDS

    def door(self) -> Door:
        """The ASGI application."""
        return Door(
            table=Table(self.routes(), *self._flask()),
            clock=self.services.clock,
            executor=self.executor,
            host_is_ours=self.host_is_ours,
            standing=PEOPLE_HEADERS,
            callers=self.services.accounts,
            span_seconds=self.body_span_seconds,
            stopping=lambda: self.hub.closed,
            behind=self.behind,
        )

    def _flask(self) -> tuple[Route, Route]:
        # Nothing of Flask's takes a body from strangers: else anybody in the room could fill the disk with uploads.
        unsafe = ("POST", "PUT", "PATCH", "DELETE")
        return (
            Route(("GET", "OPTIONS"), "", self.proxy),
            Route(unsafe, "", self.proxy, limit=LARGEST_BODY, signed_in=True, spool=True),
        )

    def routes(self) -> list[Route]:
        """The addresses that the gate answers itself."""
        services = self.services
        signing, tokens = Signing(services.accounts), Tokens(services.accounts)
        live = Live(self.hub, services.accounts, services.submissions, self.executor, self.random)
        rendered = Rendered(
            lambda visit, extra: self.proxy.ask(visit, extra, bare=True),
            self.proxy,
            services.bell,
            services.control,
            self.executor,
            self.spoken,
        )
        sheets = OwnSheets(lambda visit: self.proxy.ask(visit, ()), services.bell, services.standings, self.executor)
        composed = Composed(rendered, sheets, self.spoken, new_mark())
        return [
            Route(("POST",), "/sign-in", signing.sign_in, limit=FORM_LIMIT, strict=False),
            Route(("POST",), "/sign-out", signing.sign_out, limit=FORM_LIMIT),
            Route(("POST",), "/api/v1/tokens", tokens.post, limit=TOKEN_BODY_LIMIT),
            *self._submission_routes(),
            Route(("GET",), "/live", live.wait),
            Route(("GET",), "/live/stream", live.stream),
            Route(("GET",), "/live/ping", live.ping),
            Route(("GET",), "/static/{version}/{rest...}", self.static.get),
            *(Route(("GET",), path, composed.own_fragment, strict=False) for path in FRAGMENTS),
            *(
                Route(
                    ("GET",),
                    path,
                    (composed if view.teams else rendered).handler(view),
                    signed_in=view.signed_in,
                    strict=False,
                )
                for path, view in VIEWS.items()
            ),
        ]

    def _submission_routes(self) -> list[Route]:
        services, path = self.services, "/api/v1/submissions"
        intake = Intake(services.submit, services.submissions, services.control, self.languages, self.executor)
        streams = SubmissionStreams(self.hub, services.accounts, services.submissions, self.executor)
        return [
            Route(("POST",), path, intake.post, limit=LARGEST_BODY, signed_in=True, spool=True),
            Route(("GET",), path, intake.page, signed_in=True),
            Route(("GET",), path + "/{id}", intake.get, signed_in=True),
            Route(("GET",), path + "/{id}/wait", streams.wait, signed_in=True),
            Route(("GET",), path + "/{id}/stream", streams.stream, signed_in=True),
        ]
