"""Free words as cells of a table that people open in a spreadsheet, which must not run them; and back as they were."""

from __future__ import annotations

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection)."""

_FORMULA = re.compile(rf"'*[{re.escape(''.join(FORMULA_STARTS))}]")
"""What begins a formula, with or without apostrophes before it: one more of them tells that it was put there by us."""


def defused(words: str) -> str:
    """Return free words as a cell that no spreadsheet runs: with an apostrophe before what would be a formula."""
    return f"'{words}" if _FORMULA.match(words) else words


def as_written(cell: str) -> str:
    """Return the words of a cell that `defused` made, exactly as they were."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
