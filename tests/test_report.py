"""The report: one page on its own, the same for the same data, every number right, nothing run, nothing given away."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from made_up_dataset import EVERY_KIND, NAMES, coded, dataset, define, load, random_dataset, response

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape
from pipeline.store.coded import COUNTED
from pipeline.store.responses import Dataset, Response
from pipeline.tables.report import report_html
from pipeline.tables.wording import whole_percent

FORM = define(EVERY_KIND)
WRITTEN_ON = "2026-04-15"
VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Element:
    """An element of a page, with what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list["Element | str"] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All words in it."""
        words = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(words).split())

    def all(self, *tags: str) -> list["Element"]:
        """Every element of these kinds in it, in the order of the page."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] if child.tag in tags or not tags else []
                found += child.all(*tags)
        return found

    def having(self, name: str, value: str) -> list["Element"]:
        """Every element in it with an attribute that holds a word."""
        return [each for each in self.all() if value in each.attributes.get(name, "").split()]


class Tree(HTMLParser):
    """Builds the tree of a page, and holds that everything opened is closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("page", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(page: str) -> Element:
    parser = Tree()
    parser.feed(page)
    assert parser.open == [parser.root]
    return parser.root


def report(*responses: Response) -> Element:
    return tree(report_html(coded(dataset(FORM, *responses)), WRITTEN_ON))


def block(page: Element, question: str) -> Element:
    (found,) = page.having("id", f"question-{question}")
    return found


def cells(table: Element) -> dict[str, list[str]]:
    """The rows of a table by their head."""
    rows = {}
    for row in table.all("tr"):
        heads = [each for each in row.all("th") if each.attributes["scope"] == "row"]
        if heads:
            rows[heads[0].text] = [cell.text for cell in row.all("td")]
    return rows


@pytest.fixture(scope="module", params=NAMES)
def made_up(request: pytest.FixtureRequest) -> Dataset:
    return random_dataset(request.param, 120, 7)


@pytest.fixture(scope="module")
def page(made_up: Dataset) -> Element:
    return tree(report_html(coded(made_up), WRITTEN_ON))


def test_the_same_data_and_date_give_the_same_bytes(made_up: Dataset) -> None:
    first = report_html(coded(made_up), WRITTEN_ON)
    assert report_html(coded(replace(made_up, responses=tuple(made_up.responses))), WRITTEN_ON) == first
    assert report_html(coded(made_up), "2026-04-16") != first
    assert len(first.encode()) < 400_000


def test_the_page_fetches_nothing_and_runs_nothing(made_up: Dataset, page: Element) -> None:
    text = report_html(coded(made_up), WRITTEN_ON)
    assert not re.search(r"https?://|@import|<script|\son\w+=", text)
    assert all(address.startswith(("data:font/", "#")) for address in re.findall(r"url\(([^)]*)\)", text))
    assert all(link.attributes["href"].startswith("#") for link in page.all("a"))
    assert not page.all("img", "link", "iframe", "script")


def test_the_page_can_be_walked_by_ear(page: Element) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(names) == len(set(names))
    assert {link.attributes["href"][1:] for link in page.all("a")} <= set(names)
    assert page.all("a")[0].attributes["class"] == "skip"
    assert all(table.all("caption")[0].text for table in page.all("table"))
    charts = page.having("role", "img")
    assert len(charts) >= 5
    assert all(len(chart.attributes["aria-label"]) > 30 for chart in charts)
    assert all(svg.attributes["aria-hidden"] == "true" for svg in page.all("svg"))


def test_every_number_of_a_ticked_question_equals_a_recount(made_up: Dataset, page: Element) -> None:
    counted = [each for each in made_up.responses if each.facts["status"] in COUNTED]
    checked = 0
    for variable in made_up.variables:
        if variable.question.sensitive or variable.shape not in (Shape.CHOICE, Shape.CHOICES):
            continue
        (table,) = (
            each
            for each in block(page, variable.question.id).all("table")
            if each.all("caption")[0].text in set(variable.text.values())
        )
        rows = cells(table)
        groups = [each.text for each in table.all("th") if each.attributes["scope"] == "colgroup"]
        for place, group in enumerate(groups):
            among = [each for each in counted if group in ("Everyone", each.facts["channel"].capitalize())]
            values = [each.answers[variable.name] for each in among if variable.name in each.answers]
            assert rows["Answered"][3 * place] == str(len(values))
            for choice in variable.choices:
                n, percent, interval = rows[next(iter(choice.label.values()))][3 * place : 3 * place + 3]
                assert int(n) == sum(choice.value in value.split(";") for value in values)
                assert percent == f"{whole_percent(int(n), len(values))}%"
                low, high = map(int, interval.removesuffix("%").split("–"))
                assert low <= int(percent.removesuffix("%")) <= high
            waiting = sum(each.missing.get(variable.name) is Missing.WAITING for each in among)
            assert int(rows.get("Waiting for a person", ["0"] * 99)[3 * place]) == waiting
            checked += 1
    assert checked


def test_bars_are_as_long_as_their_numbers(page: Element) -> None:
    bars = [svg for chart in page.having("class", "bars") for svg in chart.all("svg")]
    for svg in bars:
        words = svg.all("text")[0].text
        fills = [each.attributes["width"] for each in svg.all("rect") if each.attributes["class"] == "fill"]
        if not fills:
            assert words.endswith(("0 · 0%", "nobody answered"))
            continue
        share = float(fills[0].removesuffix("%"))
        assert share == pytest.approx(float(words.split()[-1].strip("<>%")), abs=0.51)
        ends = [float(line.attributes["x2"].removesuffix("%")) for line in svg.all("line")]
        assert min(ends) <= share <= max(ends)
    assert len(bars) > 10


def test_the_top_says_who_answered_and_what_waits() -> None:
    page = report(
        response(FORM, {"found": "yes"}, {"remark": Missing.WAITING}, 1),
        response(FORM, {"found": "no"}, number=2, channel="online"),
        response(FORM, {"found": "no"}, number=3, channel="online", received_at="2026-03-09T23:00:00.000Z"),
        response(FORM, {"found": "no"}, number=4, status="to_confirm"),
        response(FORM, {"found": "no"}, number=5, status="withdrawn"),
    )
    (lead,) = page.having("class", "lead")
    assert lead.text == "3 people answered: 1 on paper, 2 online. 1 answer waits for a person."
    assert "Answers of 2 March 2026 to 9 March 2026. Written on 15 April 2026." in page.text
    assert "1 return of a form that had come back before, in other ink, is not counted until" in page.text
    assert "1 response was taken back or left out, and is not counted." in page.text
    assert cells(block(page, "found").all("table")[0])["No"][0] == "2"
    assert "1 waits for a person" in block(page, "remark").text


def test_what_people_wrote_is_shown_and_never_run() -> None:
    attack = '<script>alert(1)</script><img src=x onerror="alert(2)">"\'&{{ 7 * 7 }}'
    text = report_html(
        coded(
            dataset(
                FORM,
                response(
                    FORM, {"remark": attack, "desk": attack, "needs": "other", "needs.other": attack}, site=attack
                ),
                response(FORM, {"found": attack}, number=1, channel=attack),
            )
        ),
        WRITTEN_ON,
    )
    assert "<script" not in text
    assert "<img" not in text
    page = tree(text)
    quoted = [each.text for each in page.all("blockquote")]
    assert quoted == [attack] * 3
    assert attack in page.having("class", "stacks")[1].text


def test_words_of_the_form_are_escaped_too() -> None:
    nasty = define(EVERY_KIND.replace("Did you find it?", "Did you <b>find</b> it & more?"))
    text = report_html(coded(dataset(nasty, response(nasty, {"found": "yes"}))), WRITTEN_ON)
    assert "<b>find" not in text
    assert "Did you <b>find</b> it & more?" in block(tree(text), "found").text


def test_comments_stand_with_their_channel_and_language_and_those_that_wait_are_only_counted() -> None:
    form = replace(FORM, languages=("en", "cy"))
    page = tree(
        report_html(
            coded(
                dataset(
                    form,
                    response(form, {"remark": "One line\nand another"}, number=1),
                    response(form, {"remark": "Diolch"}, number=2, lang="cy", channel="online"),
                    response(form, {"remark": "Both"}, number=3, lang="cy+en"),
                    response(form, {}, {"remark": Missing.WAITING}, number=4),
                )
            ),
            WRITTEN_ON,
        )
    )
    found = block(page, "remark").having("class", "remarks")[0].all("li")
    assert [(item.all("blockquote")[0].text, item.all("p")[0].text) for item in found] == [
        ("One line and another", "on paper"),
        ("Diolch", "online"),
        ("Both", "on paper"),
    ]
    assert [item.all("blockquote")[0].attributes.get("lang") for item in found] == [None, "cy", None]
    assert block(page, "remark").having("class", "quiet")[0].text == "3 of 4 answered: 1 waits for a person."


def test_what_is_written_beside_the_boxes_is_shown_unless_something_sensitive_is_asked() -> None:
    open_form = define(EVERY_KIND.replace("sensitive: true", "sensitive: false"))
    for form, shown in ((open_form, True), (FORM, False)):
        scribbled = [
            replace(response(form, {"found": "yes"}, number=1), remarks="see over\n<b>closed</b> on Fridays"),
            replace(response(form, {}, number=2, status="withdrawn"), remarks="not to be shown"),
        ]
        page = tree(report_html(coded(dataset(form, *scribbled)), WRITTEN_ON))
        [section] = page.having("aria-labelledby", "beside-title")
        assert [each.text for each in section.all("blockquote")] == ["see over <b>closed</b> on Fridays"] * shown
        assert ("1 person wrote beside the boxes. It is not shown" in section.text) is not shown
    without = tree(report_html(coded(dataset(FORM, response(FORM, {"found": "yes"}))), WRITTEN_ON))
    assert not without.having("aria-labelledby", "beside-title")


def test_sensitive_answers_of_few_are_not_on_the_page() -> None:
    answers = [{"condition": "yes", "effect": "a_lot", "story": "I have a rare illness"}] * 3
    answers += [{"condition": "no"}] * 31 + [{"condition": "not_said"}] * 17
    page = report(*(response(FORM, each, number=number) for number, each in enumerate(answers)))
    condition = block(page, "condition")
    assert "Not shown apart, to protect the few: “Yes” and “Prefer not to say”, 20 people together." in condition.text
    assert set(cells(condition.all("table")[0])) == {"No", "Answered"}
    assert "Of the answers" not in condition.text, "most people said no, whatever else was said"
    assert "rare illness" not in page.text
    assert "3 people answered. What they wrote is sensitive, and is not shown." in block(page, "story").text
    assert not block(page, "effect").all("table")
    assert not block(page, "effect").having("role", "img")
    assert all("A lot" not in each.attributes["aria-label"] for each in page.having("role", "img"))
    assert not [row for table in page.all("table") for row in cells(table) if "Does it affect you?" in row]


def test_a_scale_shows_each_point_of_each_line_for_each_group() -> None:
    page = report(
        *(response(FORM, {"hours.early": "very", "hours.late": "not_very"}, number=number) for number in range(7)),
        *(response(FORM, {"hours.early": "not_very"}, number=number, channel="online") for number in range(7, 10)),
    )
    (grid,) = block(page, "hours").having("class", "grid")
    early, late = (row for row in grid.having("class", "row") if "titles" not in row.attributes["class"])
    assert [text.text for text in early.all("text")] == [
        "everyone 7 · 70%", "paper 7 · 100%", "online 0 · 0%",
        "everyone 3 · 30%", "paper 0 · 0%", "online 3 · 100%",
    ]  # fmt: skip
    assert [text.text for text in late.all("text")][2::3] == ["online nobody answered"] * 2
    assert "“Very” was said most often of “Early”, by 7 of 10 (70%), and least often of “Late”" in page.text


def test_written_answers_of_every_shape_are_counted() -> None:
    page = report(
        response(FORM, {"visits": "4", "visited_on": "2026-02-03", "home": "CF10 1AA", "ticket": "B27"}, number=1),
        response(FORM, {"visits": "6", "visited_on": "2026-03-01", "home": "SA1 1AA", "ticket": "B27"}, number=2),
    )
    assert "The middle answer of 2 people was 5; answers ran from 4 to 6." in block(page, "visits").text
    assert "2 people gave a date, from 3 February 2026 to 1 March 2026." in block(page, "visited_on").text
    assert "2 people gave a postcode, from 2 areas." in block(page, "home").text
    assert "CF10" not in page.text
    assert cells(block(page, "ticket").all("table")[0]) == {"B27": ["2", "100%", "2"]}


def test_a_form_that_nobody_answered_has_a_report_that_says_so() -> None:
    page = report()
    assert page.having("class", "lead")[0].text == "Nobody has answered yet."
    assert block(page, "found").having("class", "finding")[0].text == "Nobody has answered this yet."
    assert not page.having("role", "img")


def test_labels_stand_in_the_first_language_of_the_form_and_say_which_it_is() -> None:
    form = replace(load("front-desk"), languages=("cy", "en"))
    question = form.questions[0]
    page = tree(report_html(coded(dataset(form, response(form, {question.id: question.choices[0].value}))), WRITTEN_ON))
    (heading,) = block(page, question.id).all("h3")
    assert question.text["cy"] in heading.text
    assert heading.all("span")[-1].attributes["lang"] == "cy"
    assert question.choices[0].label["cy"] in cells(block(page, question.id).all("table")[0])


def test_whether_answers_may_be_published_is_said_at_the_top() -> None:
    inside = define(EVERY_KIND.replace("publish: true", "publish: false"))
    text = report_html(coded(dataset(inside, response(inside, {"found": "yes"}))), WRITTEN_ON)
    assert "For use inside the council" in text
    assert "For use inside the council" not in report_html(coded(dataset(FORM)), WRITTEN_ON)


def test_words_are_dark_enough_to_read() -> None:
    """WCAG 2.2, success criterion 1.4.3: text at least 4.5 to 1 on white."""
    style = report_html(coded(dataset(FORM)), WRITTEN_ON)
    colours = dict(re.findall(r"--(ink|quiet|accent): #([0-9a-f]{6})", style))
    assert len(colours) == 3
    for colour in colours.values():
        assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (int(colour[place : place + 2], 16) / 255 for place in (0, 2, 4))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_used_channel_is_named_beside_its_marks() -> None:
    page = report(
        *(response(FORM, {"found": "yes"}, number=number, channel=channel)
          for number, channel in enumerate(["paper", "online", "kiosk", "phone"])),
    )  # fmt: skip
    words = Counter(text.text.split()[0] for text in block(page, "found").having("class", "bars")[0].all("text"))
    assert words == {"everyone": 3, "paper": 3, "online": 3, "kiosk": 3, "phone": 3}
