"""Passwords: the generated ones that can be shown again, and chosen ones as argon2id.

Theory of operation. A generated password is a keyed hash of the account's id and generation (DESIGN 7), so slips can be printed again,
nothing has to be stored, and a new generation ends the old one. It is 60 bits in letters that cannot be confused. A right
generated password costs one HMAC: a hall of 2,000 teams signs in within a second. Every refusal, whether the name is unknown, the
account closed, or the password wrong, costs exactly one argon2 verification, so the time tells nothing about which it was.
"""

from __future__ import annotations

import hashlib
import hmac

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.core.ids import AccountId
from app.core.people import Account

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_LENGTH = 12
_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


class Passwords:
    """Makes and checks passwords. `key` is the content of DATA/secrets/passwords (32 bytes or more). Safe from any thread."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the key of the passwords has at least 16 bytes")
        self._key = key
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._nobody = self._hasher.hash(hmac.new(key, b"nobody", hashlib.sha256).hexdigest())

    def generated(self, account_id: AccountId, generation: int) -> str:
        """The generated password of an account, grouped for reading: `abcd-efgh-jkmn`."""
        digest = hmac.new(self._key, f"{account_id}\0{generation}".encode(), hashlib.sha256).digest()
        number = int.from_bytes(digest[:8], "big")
        letters = [_LETTERS[(number >> (5 * place)) & 31] for place in range(_LENGTH)]
        return "-".join("".join(letters[start : start + 4]) for start in range(0, _LENGTH, 4))

    def chosen(self, password: str) -> str:
        """The argon2id string to keep for a password that somebody chose."""
        return self._hasher.hash(password)

    def matches(self, account: Account | None, password: str) -> bool:
        """Whether the password opens the account. None (nobody of that name) and a closed account never open."""
        if account is None or not account.enabled:
            return self._spend(password)
        if account.password_hash:
            return self._argon2(account.password_hash, password)
        expected = _plain(self.generated(account.id, account.generation))
        if hmac.compare_digest(expected.encode(), _plain(password).encode()):
            return True
        return self._spend(password)

    def _argon2(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _spend(self, password: str) -> bool:
        self._argon2(self._nobody, password)
        return False


def _plain(password: str) -> str:
    """A generated password as it counts: without grouping, and forgiving letters that look alike."""
    return "".join(password.lower().split()).replace("-", "").translate(_MISREAD)
