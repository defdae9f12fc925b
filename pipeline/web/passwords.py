"""Passwords of staff: what they must be, and what is kept of them.

They are hashed with scrypt (RFC 7914) at the cost OWASP's password storage guidance asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from threading import BoundedSemaphore

SHORTEST_PASSWORD = 10
"""Characters. Length is what counts; NIST SP 800-63B asks for 8 at least and no rules about kinds of characters."""

_SCRYPT_COST = (2**15, 8, 3)
"""N, r, p: 32 MB and about a quarter of a second a try (OWASP password storage cheat sheet, 2024)."""

_SCRYPT_ROOM = 2**20
"""Bytes that scrypt may use beside its 128·N·r."""

_AT_ONCE = BoundedSemaphore(2)
"""Passwords checked at the same time: each takes 32 MB, and guessing must not slow the residents' forms."""


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """What is kept of a password: its hash, with the salt and the cost it was made at."""

    salt: bytes
    cost: str
    hash: bytes


def why_weak(password: str) -> str:
    """Return what is wrong with a password that is too short or cannot be typed everywhere, "" for any other."""
    if len(password) < SHORTEST_PASSWORD:
        return f"The password is too short: use {SHORTEST_PASSWORD} characters or more, such as four words."
    if not password.isprintable() or not password.strip():
        return "The password holds nothing, or signs that cannot be typed everywhere. Choose another."
    return ""


def kept_of(password: str | None) -> KeptPassword:
    """Return what is kept of a new password; of none, what no password fits."""
    salt, cost = secrets.token_bytes(16), ",".join(map(str, _SCRYPT_COST))
    return KeptPassword(salt, cost, b"" if password is None else _hash(password, salt, cost))


def is_right(password: str, kept: KeptPassword | None) -> bool:
    """Whether a password is the one that was kept. For nobody's (None) it takes as long as for a wrong one."""
    known = kept or KeptPassword(b"nobody", ",".join(map(str, _SCRYPT_COST)), b"")
    return hmac.compare_digest(_hash(password, known.salt, known.cost), known.hash)


def _hash(password: str, salt: bytes, cost: str) -> bytes:
    n, r, p = map(int, cost.split(","))
    with _AT_ONCE:
        return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=_SCRYPT_ROOM + 128 * n * r)
