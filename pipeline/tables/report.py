"""The report on a form, to be shown to a councillor: one HTML page that needs no network, or a PDF of the same.

dataset → describe (count) → disclose (what may be shown) → blocks, sections (sentences, charts) → assembled → page
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files

from pipeline.form import fonts
from pipeline.form.definition import say
from pipeline.form.fonts import FACES
from pipeline.store.coded import CodedDataset
from pipeline.tables.assembled import assemble
from pipeline.tables.comments.codes import Codes
from pipeline.tables.pages import page_template
from pipeline.tables.pdf.document import pdf_of
from pipeline.tables.weighing.census import Census


def report_html(
    dataset: CodedDataset, written_on: str, census: Census | None = None, codes: Codes | None = None
) -> str:
    """Return the report on a dataset as one HTML page; `written_on` is the local date, ISO 8601.

    `census` says who lives here, as far as it is known, `codes` what people found in comments. The same dataset and
    date give the same page to the byte.
    """
    report = assemble(dataset, written_on, census, codes)
    language = report.form.languages[0]
    return page_template("report.html").render(
        report=report, form=report.form, language=language, words=partial(say, language=language), fonts=_fonts()
    )


def report_pdf(
    dataset: CodedDataset, written_on: str, census: Census | None = None, codes: Codes | None = None
) -> bytes:
    """Return the same report as a PDF, A4; the same dataset and date give the same bytes."""
    return pdf_of(assemble(dataset, written_on, census, codes))


@cache
def _fonts() -> Mapping[int, str]:
    """The typeface by weight, in base64: the page carries it along."""
    weights = {400: FACES["regular"], 700: FACES["bold"]}
    return {weight: b64encode(files(fonts).joinpath(file).read_bytes()).decode() for weight, file in weights.items()}
