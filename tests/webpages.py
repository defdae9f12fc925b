"""A form with every kind of question, a site that serves it, and what a browser would notice in a page."""

from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from pipeline.site import Site, open_site

NOON = datetime(2026, 6, 15, 11, 0, tzinfo=UTC)

EVERY_KIND = """
title: {en: Every kind, cy: Pob math}
council: {en: Glanmor Council, cy: Cyngor Glanmor}
service: Testing
languages: [en, cy]
minutes: 2
intro: {en: Why we ask., cy: Pam rydym yn gofyn.}
privacy: {en: Kept safe., cy: Yn cael eu cadw'n ddiogel.}
return_to: {en: The desk., cy: Y ddesg.}
thanks: {en: We read every answer., cy: Rydym yn darllen pob ateb.}
help_line: {en: Ask at the desk., cy: Gofynnwch wrth y ddesg.}
closes: 2026-06-30
questions:
  - section: {en: First part, cy: Rhan gyntaf}
  - id: visited
    kind: one
    required: true
    text: {en: Have you been?, cy: Ydych chi wedi bod?}
    choices:
      - {value: yes, label: {en: "Yes", cy: Ydw}}
      - {value: no, label: {en: "No", cy: Nac ydw}}
  - id: why
    kind: many
    when: {visited: yes}
    text: {en: What for?, cy: I beth?}
    help: {en: Think of last week., cy: Meddyliwch am yr wythnos diwethaf.}
    choices:
      - {value: books, label: {en: Books, cy: Llyfrau}}
      - {value: warm, label: {en: A warm place, cy: Lle cynnes}}
      - {value: other, other: true, label: {en: Something else, cy: Rhywbeth arall}}
  - id: story
    kind: comment
    when: {visited: yes}
    text: {en: What happened?, cy: Beth ddigwyddodd?}
  - id: rating
    kind: scale
    text: {en: How good were they?, cy: Pa mor dda oedden nhw?}
    statements:
      - {id: staff, text: {en: Our staff, cy: Ein staff}}
      - {id: stock, text: {en: Our books, cy: Ein llyfrau}}
    points:
      - {value: good, label: {en: Good, cy: Da}}
      - {value: poor, label: {en: Poor, cy: Gwael}}
  - id: visits
    kind: number
    minimum: 0
    maximum: 31
    text: {en: How many times?, cy: Sawl gwaith?}
  - id: last
    kind: date
    text: {en: When was the last time?, cy: Pryd oedd y tro diwethaf?}
  - id: home
    kind: postcode
    text: {en: Your postcode?, cy: Eich cod post?}
  - id: ticket
    kind: code
    pattern: A99
    text: {en: Your ticket?, cy: Eich tocyn?}
  - id: name
    kind: text
    length: 12
    text: {en: Your first name?, cy: Eich enw cyntaf?}
  - note: {en: Nearly done., cy: Bron â gorffen.}
"""

OTHER_FORM = """
title: Another form
council: Glanmor Council
service: Testing
languages: [en]
minutes: 1
intro: Why we ask.
privacy: Kept safe.
return_to: The desk.
thanks: Thank you.
help_line: Ask at the desk.
opens: 2026-09-01
questions:
  - id: change
    kind: comment
    lines: 3
    text: What should we change?
  - id: happy
    kind: one
    text: Are you happy?
    choices: [{value: yes, label: "Yes"}, {value: no, label: "No"}]
"""


class Clock:
    """A clock that a test sets."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


MORE_THAN_A_TEST_ASKS_FOR = 1_000_000
"""An allowance that no machine uses up, however quick it is: what one does is for tests/test_limits.py."""


def make_site(folder: Path) -> Site:
    """Make a site with the two forms above, and with pages that may be asked for as fast as tests can."""
    (folder / "forms").mkdir(parents=True)
    (folder / "forms" / "every-kind.yaml").write_text(EVERY_KIND, encoding="utf-8")
    (folder / "forms" / "another.yaml").write_text(OTHER_FORM, encoding="utf-8")
    settings = f"allowance_per_minute: {MORE_THAN_A_TEST_ASKS_FOR}\n"
    (folder / "site.yaml").write_text(settings, encoding="utf-8")
    return open_site(folder)


class Page(HTMLParser):
    """What a browser would know of a page: its elements with their attributes, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of every `tag` that has the wanted ones."""
        return [found for name, found in self.elements if name == tag and wanted.items() <= found.items()]

    def with_id(self, name: str) -> dict[str, str]:
        """The attributes of the one element called `name`."""
        [found] = [attributes for _, attributes in self.elements if attributes.get("id") == name]
        return found

    def hidden(self, name: str) -> str:
        """What a hidden field holds."""
        [found] = self.all("input", type="hidden", name=name)
        return found["value"]

    def broken(self) -> list[str]:
        """Everything that a reader with a screen reader or a keyboard would trip over."""
        ids = Counter(found["id"] for _, found in self.elements if "id" in found)
        named = [
            name
            for _, found in self.elements
            for key in ("for", "aria-describedby", "aria-labelledby", "form")
            for name in found.get(key, "").split()
        ]
        linked = [found["href"][1:] for found in self.all("a") if found.get("href", "").startswith("#")]
        labelled = {found.get("for") for found in self.all("label")}
        boxes = [*self.all("input"), *self.all("textarea")]
        return [
            *(f"the id {name} twice" for name, count in ids.items() if count > 1),
            *(f"nothing is called {name}" for name in (*named, *linked) if name not in ids),
            *(
                f"no label for {box.get('name')}"
                for box in boxes
                if box.get("type") != "hidden" and box.get("id") not in labelled
            ),
            *("a style on an element" for _, found in self.elements if "style" in found),
            *("a script in the page" for found in self.all("script") if "src" not in found),
        ]
