"""The eight letters that an organiser compares, and the numbers behind them.

Theory of operation. Node N and server S do not know each other; a man in the middle M may sit between them and speak TLS to both with
keys of his own. A person looks at both screens, so what the screens show must differ whenever the two ends saw different certificates:

    N → S   commitment = SHA-256(n)         n: 32 random bytes of the node, still secret
    S → N   s, CA certificate               s: 32 random bytes of the server
    N → S   n                               the server checks it against the commitment
    both    code = 8 letters of SHA-256(CA certificate ‖ n ‖ s)

M has to show CA' to N, so N computes from (CA', n, s') and S from (CA, n', s), where M chooses n' and s'. Letters alone are short
enough to be searched, so M must not be able to choose a number after he knows the rest: he has to fix n' (by its commitment) before S says
s, and has to send s' before N opens n. Whichever conversation he finishes first, one number of the other that he doesn't control is
still open: his chance is one in 22^8 (5 · 10^10) for each comparison by a person. Without the commitment he could try numbers until the
letters agree, within a minute.

A code that equals shows that both ends hold the same CA; the node pins it and the token goes over a connection of that CA only.
"""

from __future__ import annotations

import hashlib
import hmac

NONCE_BYTES = 32
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U: nobody has to ask whether that is a one, a zero or a V."""
_LENGTH = 8


def commitment(node_nonce: bytes) -> str:
    """SHA-256 hex of the node's number, sent before anything else is known."""
    _require_nonce(node_nonce)
    return hashlib.sha256(node_nonce).hexdigest()


def opens(node_nonce: bytes, committed: str) -> bool:
    """Whether the number is the one that was committed to."""
    return len(node_nonce) == NONCE_BYTES and hmac.compare_digest(commitment(node_nonce), committed)


def pairing_code(ca_der: bytes, node_nonce: bytes, server_nonce: bytes) -> str:
    """The code of both screens, as `ABCD-EFGH`. Raises ValueError for a number of the wrong length."""
    _require_nonce(node_nonce)
    _require_nonce(server_nonce)
    number = int.from_bytes(hashlib.sha256(ca_der + node_nonce + server_nonce).digest(), "big")
    letters = []
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[place])
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def same_code(typed: str, code: str) -> bool:
    """Whether a person typed this code; case, blanks and the dash do not matter."""
    plain = "".join(letter for letter in typed.upper() if letter.isascii() and letter.isalpha())
    return hmac.compare_digest(plain, code.replace("-", ""))


def _require_nonce(nonce: bytes) -> None:
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a pairing number has {NONCE_BYTES} bytes, not {len(nonce)}")
