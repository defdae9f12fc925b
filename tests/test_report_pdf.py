"""The report as a PDF: the same words and numbers as the page, within its margins, the same bytes for the same data."""

import re
from io import BytesIO
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from click.testing import CliRunner, Result
from made_up_council import FORM as COUNCIL
from made_up_council import census, council_dataset
from made_up_dataset import EVERY_KIND, coded, dataset, define, random_dataset, response, store_rows

from pipeline.cli.main import main
from pipeline.practice.council import Council
from pipeline.store.database import immediately, open_store
from pipeline.tables.assembled import Report, assemble
from pipeline.tables.numbers import Table
from pipeline.tables.pdf.sheet import FOOT, MARGIN, lines, printable, width_of
from pipeline.tables.report import report_pdf
from pipeline.tables.weighing.census import read_census

WRITTEN_ON = "2027-01-10"


@pytest.fixture(scope="module")
def council() -> tuple[Report, bytes]:
    answers, lives_here = council_dataset(Council(), 900, 1), read_census(census(Council()), COUNCIL)
    return assemble(answers, WRITTEN_ON, lives_here), report_pdf(answers, WRITTEN_ON, lives_here)


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(BytesIO(pdf)) as found:
        return " ".join(" ".join(page.extract_text() for page in found.pages).split())


def tables_of(report: Report) -> list[Table]:
    pieces = [*report.arrived, *report.made, *(p for s in (*report.earlier, *report.later) for p in s.pieces)]
    return [table for each in pieces for table in each.tables]


def test_the_same_data_and_date_give_the_same_bytes(council: tuple[Report, bytes]) -> None:
    lives_here = read_census(census(Council()), COUNCIL)
    assert report_pdf(council_dataset(Council(), 900, 1), WRITTEN_ON, lives_here) == council[1]
    assert report_pdf(council_dataset(Council(), 900, 2), WRITTEN_ON, lives_here) != council[1]


def test_it_says_what_the_page_says(council: tuple[Report, bytes]) -> None:
    report, pdf = council
    text = text_of(pdf)
    said = [report.lead, *report.notes, *(block.finding for part in report.sections for block in part.blocks)]
    said += [sentence for section in (*report.earlier, *report.later) for sentence in section.intro]
    said += [block.comparison for part in report.sections for block in part.blocks]
    for sentence in filter(None, said):
        assert " ".join(sentence.split()) in text
    words = re.findall(r"\S+", text)
    for table in tables_of(report):
        for row in table.rows:
            assert all(cell in words or cell in text for cell in row.cells if cell)


def test_nothing_is_beyond_the_margins_or_on_top_of_other_words(council: tuple[Report, bytes]) -> None:
    with pdfplumber.open(BytesIO(council[1])) as pdf:
        assert len(pdf.pages) > 5
        for number, page in enumerate(pdf.pages, start=1):
            *words, foot = page.extract_words()
            assert foot["text"] == str(number)
            assert min(word["x0"] for word in words) >= MARGIN - 1
            assert max(word["x1"] for word in words) <= float(page.width) - MARGIN + 1
            assert max(word["bottom"] for word in words) <= float(page.height) - FOOT + 12
            for place, word in enumerate(words):
                for other in words[place + 1 : place + 40]:
                    across = min(word["x1"], other["x1"]) - max(word["x0"], other["x0"])
                    down = min(word["bottom"], other["bottom"]) - max(word["top"], other["top"])
                    assert across < 0.5 or down < 2.5, (number, word["text"], other["text"])


def test_it_names_itself_and_carries_its_letters_along(council: tuple[Report, bytes]) -> None:
    with pikepdf.open(BytesIO(council[1])) as pdf:
        assert str(pdf.docinfo["/Title"]) == "Your library: what people said"
        assert str(pdf.Root.Lang) == "en"
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert all("/FontFile2" in font.FontDescriptor for font in fonts if "/FontDescriptor" in font)


def test_comments_in_any_script_are_set_and_what_cannot_be_is_marked() -> None:
    form = define(EVERY_KIND.replace("sensitive: true", "sensitive: false"))
    wrote = ["Diolch yn fawr, ŵyr", "شکریہ لائبریری", "ধন্যবাদ", "Well done 😀!", "x" * 400, "", "One\nTwo"]
    answers = (response(form, {"remark": text}, number=at) for at, text in enumerate(wrote) if text)
    text = text_of(report_pdf(coded(dataset(form, *answers)), WRITTEN_ON))
    assert "Diolch yn fawr, ŵyr" in text
    assert "Well done ?!" in text
    assert text.count("x" * 60) >= 5, "a word wider than the line is cut, and none of it lost"


def test_forms_with_every_kind_of_question_have_one() -> None:
    made_up = random_dataset("opening-hours", 30, 2)
    assert "people answered" in text_of(report_pdf(coded(made_up), WRITTEN_ON))
    assert "Nobody has answered yet." in text_of(report_pdf(coded(dataset(made_up.form)), WRITTEN_ON))


def test_the_command_writes_either_and_says_where_the_census_does_not_fit(tmp_path: Path) -> None:
    made_up = random_dataset("library-visit", 150, 4)
    (tmp_path / "forms").mkdir()
    db = open_store(tmp_path / "pillarbox.db")
    with immediately(db):
        store_rows(db, made_up)
    table = tmp_path / "census.csv"

    def run(*arguments: str) -> Result:
        options = ["--site", str(tmp_path), "report", "library-visit", "--census", str(table)]
        return CliRunner().invoke(main, [*options, *arguments])

    table.write_text("question,value,share\nlibrary,central,50\nlibrary,mobile,50\n")
    page, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    assert run("-o", str(page)).exit_code == run("--pdf", "-o", str(pdf)).exit_code == 0
    assert "Who answered, beside who lives here" in page.read_text(encoding="utf-8")
    assert "Who answered, beside who lives here" in text_of(pdf.read_bytes())
    table.write_text("question,value,share\nlibrary,barry,50\n")
    refused = run("-o", str(page))
    assert refused.exit_code == 6
    assert "census.csv: line 2: “barry” is no answer to “library”." in refused.output
    table.write_bytes("question,value,share\nlibrary,Siân,50\n".encode("cp1252"))
    refused = run("-o", str(page))
    assert refused.exit_code == 6
    assert "Save it again and choose UTF-8." in refused.output


def test_lines_are_no_wider_than_they_may_be_and_lose_nothing() -> None:
    text = "Words of various lengths, and onethatismuchtoolongforanyline of them"
    found = lines(text, "regular", 10, 80)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(width_of(line, "regular", 10) <= 80 for line in found)
    assert printable("é😀") == "é?"
