"""A definition checked as its author wants to know it: what is wrong in the file, and what comes of it on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap

from pipeline.form.authoring.explain import subject
from pipeline.form.authoring.plain_words import check_words, printed_words
from pipeline.form.authoring.source import DefinitionError, Finding, Steps, line_of, read_source
from pipeline.form.clear_print import faults
from pipeline.form.definition import FormDefinition
from pipeline.form.lay_out import lay_out
from pipeline.form.layout import LayoutError
from pipeline.form.paper.editions import EDITIONS, PAPERS, POSTCARD
from pipeline.form.paper.postcard import on_card
from pipeline.form.parse import parse_definition

_ASK = "Tell whoever looks after pillarbox here."
"""What an author can do about words that are not set as they should be."""


@dataclass(frozen=True, slots=True)
class Checked:
    """All that is wrong with a definition, and notes on what it leaves out of an edition, which is as it must be."""

    errors: tuple[DefinitionError, ...]
    notes: tuple[DefinitionError, ...] = ()


def check_definition(text: str, name: str) -> Checked:
    """Check the definition of the form called `name`: the file and, if that is right, every edition printed of it."""
    form = parse_definition(text, name)
    file = f"{name}.yaml"
    tree = read_source(text, file)
    if not isinstance(form, FormDefinition) or isinstance(tree, DefinitionError):
        return Checked(form if isinstance(form, tuple) else ())
    wrong = (*check_words(tree), *_printed_wrongly(form, tree))
    return Checked(_told(tree, file, wrong), _told(tree, file, _not_on_card(form, tree)))


def _told(
    tree: CommentedMap, file: str, findings: tuple[Finding, ...] | Iterator[Finding]
) -> tuple[DefinitionError, ...]:
    told = {DefinitionError(file, line_of(tree, one.path), one.what, one.instead): None for one in findings}
    return tuple(sorted(told, key=lambda error: error.line))


def _printed_wrongly(form: FormDefinition, tree: CommentedMap) -> Iterator[Finding]:
    """Yield what keeps an edition from being printed, and words on it that clear print would set otherwise.

    A4 stands for Letter, and the edition that is filled in on a screen is printed as the clear one is.
    """
    for edition in (each.name for each in EDITIONS.values() if not each.is_typed):
        for language in form.languages:
            try:
                layout = lay_out(form, edition, lang=language)
            except LayoutError as error:
                what, _, instead = str(error).partition(". ")
                yield Finding((), f"{edition} print: {what}.", instead)
                continue
            for fault in faults(layout):
                yield Finding(_way_to(tree, fault.words), f"“{fault.words}” {fault.what}, in {edition} print.", _ASK)


def _way_to(tree: CommentedMap, line: str) -> Steps:
    """The way to the wording that a printed line is from; to the top of the file where it is one of our own."""
    return next((each.path for each in printed_words(tree) if line in " ".join(each.words.split())), ())


def _not_on_card(form: FormDefinition, tree: CommentedMap) -> Iterator[Finding]:
    """Yield every question that the postcard does not ask, in the first language, and why."""
    for left in on_card(form, form.languages[:1], PAPERS["a4"]).left_out:
        path: Steps = ("questions", form.items.index(left.question))
        yield Finding(path, f"{subject(tree, path)} is not on the {POSTCARD.name}, because {left.why}.", "")
