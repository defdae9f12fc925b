"""Who may do what at the desk: one table of roles, and every route of the desk names what it needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class May(StrEnum):
    """One thing that somebody may be allowed to do. The words complete “You may not …”."""

    LOOK = "see what came and what waits"
    DECIDE = "settle what waits for a person"
    SEE_PAGES = "see whole pages"
    SEE_PERSONAL = "see comments and answers to sensitive questions"
    HAND_IN = "hand in scans or type in forms"
    PRINT = "print forms"
    SEARCH = "look up a form by its code"
    TRACE = "see where an answer comes from"
    SEE_RECORD = "see who signed in and who decided what"


ROLES: Final[Mapping[str, frozenset[May]]] = {
    "desk": frozenset(May) - {May.SEE_RECORD},
    "reviewer": frozenset({May.LOOK, May.DECIDE, May.SEE_PAGES, May.SEE_PERSONAL, May.TRACE}),
    "analyst": frozenset({May.LOOK, May.TRACE}),
    "manager": frozenset(May),
}
"""What each role may do. An analyst works with the exports, and of the paper sees only the place of an answer."""

WITHHELD: Final[Mapping[str, frozenset[May]]] = {
    "crops_only": frozenset({May.SEE_PAGES}),
    "no_personal": frozenset({May.SEE_PAGES, May.SEE_PERSONAL}),
}
"""What can be kept from one person whose role would allow it. Whole pages show what people wrote about themselves, so
whoever may not see that, is shown no whole page either."""


def allowed(role: str, withheld: frozenset[str]) -> frozenset[May]:
    """Return what somebody of a role may do from whom these things are `withheld` (keys of WITHHELD)."""
    return ROLES[role].difference(*(WITHHELD[each] for each in withheld))
