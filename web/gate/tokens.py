"""POST /api/v1/tokens: a bearer token for programs."""

from __future__ import annotations

import asyncio

from app.services.accounts import Accounts
from web.api.v1.models import TokenAnswer, TokenRequest
from web.gate.exchange import json_response
from web.gate.intake import read_json
from web.gate.visit import Answer, Visit

TOKEN_BODY_LIMIT = 8 * 1024


class Tokens:
    """The handler."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def post(self, visit: Visit) -> Answer:
        """Checks name and password in the accounts' own queue; 401, 429 and 503 come from there."""
        command = read_json(TokenRequest, visit.body, visit.head.headers.get("content-type", ""))
        issued = self._accounts.issue_token(command.username, command.password, visit.head.address)
        token = await asyncio.wrap_future(issued)
        return json_response(200, TokenAnswer(access_token=token.access_token, expires_in=token.expires_in))
