"""The code printed on a paper copy, typed on the web: which copy it is, or what to do about it.

It says nothing of anybody's answers, nor whether there are any: photocopies share it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlite_utils import Database

from pipeline.form.code import is_copy_code, tidy_copy_code
from pipeline.form.definition import FormDefinition
from pipeline.store.catalogue import PrintedCopy, find_copy
from pipeline.web.limits import try_code
from pipeline.web.words import shown, spoken


def copy_typed(db: Database, typed: str, language: str) -> PrintedCopy | str:
    """Return the copy whose code was typed, with whatever spaces and letters, or what to do about it."""
    code = tidy_copy_code(typed)
    if not is_copy_code(code):
        return spoken("code_misspelt", language)
    return try_code(lambda: find_copy(db, code)) or spoken("code_unknown", language)


def trouble_with_code(db: Database, forms: Mapping[str, FormDefinition], form: str, typed: str, language: str) -> str:
    """Return what is wrong with using the code `typed` for `form`; "" where nothing is, or nothing was typed."""
    if not tidy_copy_code(typed):
        return ""
    copy = copy_typed(db, typed, language)
    if isinstance(copy, str):
        return copy
    if copy.form == form:
        return ""
    title = shown(forms[copy.form].title, language) if copy.form in forms else copy.form
    return spoken("code_other_form", language, title=title)
