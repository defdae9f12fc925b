"""What the command line offers and the desk says is in the documents, and the documents link to what exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pipeline.cli.exits import EXIT_CODES
from pipeline.cli.main import main
from pipeline.form.answer import Missing
from pipeline.inbox import trouble
from pipeline.page import refusal
from pipeline.review.doubts import SENTENCES
from pipeline.site import Settings

CHECKOUT = Path(__file__).parents[1]
DOCS = sorted((CHECKOUT / "docs").glob("*.md"))
COMMANDS = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command
        if isinstance(command, click.Group):
            yield from commands(command, f"{above}{name} ")
        else:
            yield above + name, command


@pytest.mark.parametrize(("name", "command"), list(commands(main)))
def test_every_command_and_option_is_documented(name: str, command: click.Command) -> None:
    (row,) = re.findall(rf"^\| `{name}(?![\w-]).*$", COMMANDS, re.MULTILINE) or [""]
    assert row, f"docs/commands.md says nothing of {name}"
    shown = COMMANDS if name == "layout" else row
    for option in command.params:
        if isinstance(option, click.Option) and "--json" not in option.opts:
            assert any(spelling in shown for spelling in option.opts), f"docs/commands.md: {name} lacks {option.opts}"
    assert command.help


def test_every_exit_code_is_documented() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", COMMANDS, re.MULTILINE)}
    assert documented == {0, 1, 2, *EXIT_CODES.values()}


def test_every_reason_for_doubt_is_documented_in_the_words_staff_read() -> None:
    for reason, sentence in SENTENCES.items():
        assert f"| `{reason}` | {sentence} |" in COMMANDS


def test_every_reason_not_to_read_is_documented_in_the_words_staff_read() -> None:
    page = (CHECKOUT / "docs" / "when-something-is-not-read.md").read_text(encoding="utf-8")
    for reason, sentence in [*trouble.sentences.items(), *trouble.hindrances.items(), *refusal.SENTENCES.items()]:
        assert f"| `{reason}` | {sentence} |" in page


def test_every_setting_of_a_site_is_documented() -> None:
    for name in Settings.model_fields:
        assert f"`{name}`" in COMMANDS


def test_every_kind_of_missing_is_documented() -> None:
    data = (CHECKOUT / "docs" / "data.md").read_text(encoding="utf-8")
    for kind in Missing:
        assert f"`{kind}`" in data


@pytest.mark.parametrize("page", [CHECKOUT / "README.md", *DOCS], ids=lambda page: page.name)
def test_every_link_between_documents_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_picture_is_shown_somewhere() -> None:
    pictures = {path.resolve() for path in (CHECKOUT / "docs" / "images").rglob("*.png")}
    shown = {
        (page.parent / target).resolve()
        for page in (CHECKOUT / "README.md", *DOCS)
        for target in re.findall(r"\]\(([^)#]+\.png)\)", page.read_text(encoding="utf-8"))
    }
    assert pictures - shown == set()
