"""All editions ask the same: what they do not is found and told, and nothing else is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli.main import main
from pipeline.form.definition import Condition, FormDefinition, Kind, Question
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import Layout, TextRun
from pipeline.form.paper.editions import EDITION_NAMES
from pipeline.form.parity import Difference, Respect, asked_on_paper, differences
from pipeline.form.parse import parse_definition
from pipeline.parity import ONLINE, parity_of
from pipeline.site import open_site

ROOT = Path(__file__).resolve().parent.parent
FORMS = [*sorted((ROOT / "forms").glob("*.yaml")), ROOT / "docs" / "examples" / "library-languages.yaml"]


def read(path: Path) -> FormDefinition:
    parsed = parse_definition(path.read_text(encoding="utf-8"), path.stem)
    assert isinstance(parsed, FormDefinition)
    return parsed


def the_form() -> FormDefinition:
    return read(ROOT / "forms" / "library-visit.yaml")


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_the_forms_that_come_along_differ_on_the_card_and_in_easier_words_alone(path: Path) -> None:
    found = parity_of(read(path))
    assert found.editions == (*EDITION_NAMES, ONLINE)
    others = [
        each for each in found.differences if each.edition != "postcard" and not each.what.startswith("In easier words")
    ]
    assert others == []
    assert {each.respect for each in found.differences if each.edition == "postcard"} <= {
        Respect.NOT_ASKED,
        Respect.NOT_MADE,
    }


def spoilt(layout: Layout, spoil) -> Layout:
    """The layout with its fields and drawings changed on every page."""
    return replace(layout, pages=tuple(spoil(page) for page in layout.pages))


def without_texts(start: str):
    def spoil(page):
        kept = (each for each in page.drawings if not (isinstance(each, TextRun) and each.text.startswith(start)))
        return replace(page, drawings=tuple(kept))

    return spoil


def without_fields(gone):
    return lambda page: replace(page, fields=tuple(field for field in page.fields if not gone(field)))


def found_in(layout: Layout, definition: FormDefinition) -> list[Difference]:
    return list(differences(definition, "clear", "en", asked_on_paper(definition, layout)))


@pytest.mark.parametrize(
    ("spoil", "question", "respect"),
    [
        (
            lambda page: replace(page, fields=tuple(f for f in page.fields if f.value != "all")),
            "got_it",
            Respect.CHOICES,
        ),
        (
            lambda page: replace(page, fields=tuple(f for f in page.fields if f.question != "change")),
            "change",
            Respect.NOT_ASKED,
        ),
        (lambda page: replace(page, fields=page.fields[::-1]), "", Respect.ORDER),
        (without_texts("Porth Gwyn"), "library", Respect.WORDS),
        (without_texts("If you ticked"), "not_found", Respect.ROUTING),
    ],
)
def test_every_difference_is_found(spoil, question: str, respect: Respect) -> None:
    definition = the_form()
    layout = lay_out(definition)
    assert found_in(layout, definition) == []
    assert (question, respect) in {
        (each.question, each.respect) for each in found_in(spoilt(layout, spoil), definition)
    }


def test_whom_a_question_is_for_is_looked_for_where_others_are_not_led_past_it() -> None:
    definition = the_form()
    asked = Question(
        "why", Kind.COMMENT, {"en": "Why?", "cy": "Pam?"}, {}, lines=2, when=Condition("reasons", ("event",))
    )
    definition = replace(definition, items=(*definition.items, asked))
    layout = lay_out(definition)
    assert found_in(layout, definition) == []
    (found,) = found_in(spoilt(layout, without_texts("Answer this only")), definition)
    assert (found.question, found.respect) == ("why", Respect.ROUTING)


def test_an_edition_that_cannot_be_made_is_told() -> None:
    found = parity_of(replace(the_form(), title={"en": "A long title " * 90, "cy": "Teitl"}))
    assert ("giant", "en", Respect.NOT_MADE) in {(each.edition, each.lang, each.respect) for each in found.differences}


def test_the_command_tells_and_keeps_what_it_finds(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    (tmp_path / "scanner_inbox").mkdir()
    (tmp_path / "forms" / "front-desk.yaml").write_bytes((ROOT / "forms" / "front-desk.yaml").read_bytes())
    result = CliRunner().invoke(main, ["--site", str(tmp_path), "parity", "front-desk", "--json"])
    document = json.loads(result.stdout)
    assert {(each["edition"], each["respect"]) for each in document["differences"]} == {("postcard", "not_asked")}
    db = open_site(tmp_path).open_store()
    ((version, kept),) = db.execute("SELECT version, document FROM parity").fetchall()
    db.close()
    assert (version, json.loads(kept)) == (document["version"], document)
    told = CliRunner().invoke(main, ["--site", str(tmp_path), "parity", "front-desk"]).stdout
    assert "7 editions in 2 languages ask the same, but for 2 differences." in told
    assert "better: It is not asked, because it is not answered with one tick." in told
