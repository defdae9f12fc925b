"""The report from top to bottom on A4 sheets, as the page has it."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.form.definition import say
from pipeline.form.fonts import font_for
from pipeline.tables.assembled import Report
from pipeline.tables.blocks import Block, Remarks
from pipeline.tables.pdf.drawing import draw_chart, draw_table
from pipeline.tables.pdf.sheet import ACCENT, INK, LINE, QUIET, WIDTH, Sheet
from pipeline.tables.sections.piece import Piece, ReportSection

BODY, SMALL, H1, H2, H3 = 10.5, 9.0, 24.0, 16.0, 12.0
"""Type sizes in points."""

READABLE = 400.0
"""Points that a line of reading is wide at most: about 75 letters."""


def pdf_of(report: Report) -> bytes:
    """Return the report as a PDF; the same report gives the same bytes."""
    language = report.form.languages[0]
    title = say(report.form.title, language)
    sheet = Sheet(f"{title}: what people said", f"{report.form.id}, written on {report.written_on}")
    _top(sheet, report, title, say(report.form.council, language))
    _heading(sheet, "Who answered")
    for piece in report.arrived:
        _piece(sheet, piece)
    for section in report.earlier:
        _section(sheet, section)
    for part in report.sections:
        _heading(sheet, part.title or "What people said")
        for block in part.blocks:
            _block(sheet, block, report.among.get(block.anchor, ""))
    for section in report.later:
        _section(sheet, section)
    if report.beside:
        _heading(sheet, "Written beside the boxes")
        _remarks(sheet, report.beside)
    _made(sheet, report)
    return sheet.finish()


def _top(sheet: Sheet, report: Report, title: str, council: str) -> None:
    sheet.line(council, BODY, "bold")
    sheet.right(report.form.service, BODY)
    sheet.gap(BODY * LINE + 4)
    sheet.rule(2.5, INK)
    sheet.gap(22)
    sheet.words("What people said", BODY, "bold", ACCENT)
    sheet.words(title, H1, "bold")
    sheet.gap(6)
    sheet.words(report.lead, 13, width=READABLE)
    sheet.gap(4)
    dates = f"Answers of {report.dates}. " if report.dates else ""
    _quiet(sheet, f"{dates}Written on {report.written_on}. {report.still_open}".strip())
    for sentence in report.not_counted:
        _quiet(sheet, sentence)
    if not report.form.publish:
        _quiet(sheet, "For use inside the council: people were not asked whether their answers may be published.")
    _heading(sheet, "In short")
    for block in report.in_short:
        sheet.need(50)
        _quiet(sheet, f"{block.number}. {block.label}")
        sheet.words(block.finding, BODY, width=READABLE)
        sheet.gap(5)


def _heading(sheet: Sheet, words: str) -> None:
    sheet.need(110)
    sheet.gap(26)
    sheet.rule(2, INK)
    sheet.gap(6)
    sheet.words(words, H2, "bold")
    sheet.gap(2)


def _title(sheet: Sheet, words: str) -> None:
    sheet.need(90)
    sheet.gap(12)
    sheet.words(words, H3, "bold", width=READABLE)


def _quiet(sheet: Sheet, words: str) -> None:
    sheet.words(words, SMALL, colour=QUIET, width=READABLE)


def _section(sheet: Sheet, section: ReportSection) -> None:
    _heading(sheet, section.title)
    _sentences(sheet, section.intro)
    for piece in section.pieces:
        _piece(sheet, piece)


def _sentences(sheet: Sheet, sentences: Iterable[str]) -> None:
    for sentence in filter(None, sentences):
        sheet.words(sentence, BODY, width=READABLE)
        sheet.gap(2)


def _piece(sheet: Sheet, piece: Piece) -> None:
    _title(sheet, piece.title)
    _sentences(sheet, piece.sentences)
    sheet.gap(4)
    if piece.chart:
        draw_chart(sheet, piece.chart)
    for table in piece.tables:
        draw_table(sheet, table)


def _block(sheet: Sheet, block: Block, among: str) -> None:
    _title(sheet, f"{block.number}. {block.label}" if block.number else block.label)
    _sentences(sheet, (block.finding, block.comparison, among, block.withheld))
    if block.completeness:
        _quiet(sheet, block.completeness)
    sheet.gap(4)
    for chart in (block.bars, block.grid, block.stacks):
        if chart:
            draw_chart(sheet, chart)
    for table in block.tables:
        draw_table(sheet, table)
    for remarks in block.remarks:
        _remarks(sheet, remarks)


def _remarks(sheet: Sheet, remarks: Remarks) -> None:
    if remarks.title:
        sheet.gap(6)
        sheet.words(remarks.title, BODY, "bold")
    if remarks.waiting:
        _quiet(sheet, remarks.waiting)
    for remark in remarks.entries:
        sheet.need(32)
        sheet.gap(5)
        sheet.words(remark.text, BODY, font_for("regular", remark.lang or "en"), left=10, width=READABLE)
        sheet.words(remark.more or remark.came, SMALL, colour=QUIET, left=10)


def _made(sheet: Sheet, report: Report) -> None:
    _heading(sheet, "How this was made")
    for piece in report.made:
        _piece(sheet, piece)
    _title(sheet, "How to read the numbers")
    for note in report.notes:
        sheet.words(note, SMALL, left=0, width=WIDTH - 60)
        sheet.gap(3)
    _title(sheet, "Why an answer can be missing")
    for name, means in report.missing:
        sheet.need(2 * SMALL * LINE)
        sheet.words(name, SMALL, "bold")
        sheet.words(means, SMALL, left=10)
        sheet.gap(2)
