"""Replies of a campaign are found and shown as one, themes are the planted ones, and nothing else is put together."""

import sys

import numpy as np
import pytest
from made_up_council import council_dataset
from made_up_dataset import EVERY_KIND, coded, dataset, define, response

from pipeline.practice.council import Council
from pipeline.tables.blocks import MOST_SHOWN, parts
from pipeline.tables.comments.campaigns import group_alike
from pipeline.tables.comments.codes import CodesError, codes_of, read_codes
from pipeline.tables.comments.themes import suggest_themes
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.sections.comments import NOT_INSTALLED, comments_section

CAMPAIGN = (
    "I am writing to ask the council to keep the library in {} open on Saturdays, because working people and their "
    "children can come on no other day. {}"
)
OWN = [
    f"My {thing} told me that the {thing} in the {place} is too {how}, and nobody does anything about the {thing}"
    for thing in ("heating", "lift", "printer", "carpet")
    for place in ("hall", "attic", "yard")
    for how in ("old", "slow")
]


def test_replies_of_a_campaign_are_put_together_whatever_each_added() -> None:
    campaign = [
        CAMPAIGN.format(place, end) for place in ("Barry", "Penarth") for end in ("", "Ana", "Thank you", "Yours, Rhys")
    ]
    texts = [*OWN[:10], *campaign, *OWN[10:], CAMPAIGN.format("Barry", "").upper()]
    groups = group_alike(texts)
    assert sorted(place for group in groups for place in group.members) == list(range(len(texts)))
    (found,) = (group for group in groups if group.is_campaign)
    assert found.members == (*range(10, 18), len(texts) - 1)
    assert [group.members[0] for group in groups] == sorted(group.members[0] for group in groups)


def test_short_replies_and_few_are_not_called_a_campaign() -> None:
    assert not any(group.is_campaign for group in group_alike(["More books please"] * 40))
    assert not any(group.is_campaign for group in group_alike([CAMPAIGN.format("Barry", "")] * 4))
    assert len(group_alike(OWN)) == len(OWN)


def test_a_campaign_is_shown_once_with_how_many_and_how_they_came() -> None:
    form = define(EVERY_KIND.replace("sensitive: true", "sensitive: false"))
    wrote = [CAMPAIGN.format("Barry", end) for end in ("", "Ana", "Thanks", "Rhys", "Mair", "Siân")]
    answers = [response(form, {"remark": "Warmer rooms"}, number=0)]
    answers += [
        response(form, {"remark": text}, number=at, channel="paper" if at < 3 else "online")
        for at, text in enumerate(wrote, 1)
    ]
    shown = disclose(describe(coded(dataset(form, *answers))).questions)
    (block,) = (block for part in parts(form, shown) for block in part.blocks if block.anchor == "question-remark")
    (remarks,) = block.remarks
    assert [(entry.text, entry.more) for entry in remarks.entries] == [
        (wrote[0], "6 people wrote nearly the same: 2 on paper and 4 online"),
        ("Warmer rooms", ""),
    ]


def test_of_very_many_comments_some_are_shown_evenly_and_it_is_said() -> None:
    form = define(EVERY_KIND.replace("sensitive: true", "sensitive: false"))
    answers = [response(form, {"remark": f"Comment {at:04}"}, number=at) for at in range(1000)]
    shown = disclose(describe(coded(dataset(form, *answers))).questions)
    (block,) = (block for part in parts(form, shown) for block in part.blocks if block.anchor == "question-remark")
    (remarks,) = block.remarks
    assert len(remarks.entries) == MOST_SHOWN
    assert (remarks.entries[0].text, remarks.entries[-1].text) == ("Comment 0000", "Comment 0999")
    assert remarks.waiting.startswith("1,000 people wrote something. About 200 are shown")


PLANTED = {
    "hours": [
        "longer opening hours in the evening",
        "open later hours on a weekday evening",
        "evening opening hours please",
    ],
    "heating": [
        "the reading room is cold in winter",
        "heating broken and the room cold",
        "cold room and no heating in winter",
    ],
    "books": ["more large print books", "new books and audio books to borrow", "borrow more print books and audio"],
}


def test_themes_are_those_planted_and_always_the_same() -> None:
    rng = np.random.default_rng(1)
    planted = [(theme, str(rng.choice(texts))) for theme, texts in PLANTED.items() for _ in range(30)]
    texts = [text for _, text in planted]
    found = suggest_themes(texts, "en")
    assert found == suggest_themes(texts, "en")
    assert len(found) == 3
    for theme in found:
        of = {planted[place][0] for place in theme.comments}
        assert len(of) == 1, "no theme mixes what was written of two things"
    assert suggest_themes(texts[:20], "en") == ()
    assert suggest_themes(["the and of"] * 40, "en") == ()


def test_the_section_names_themes_and_says_that_a_machine_made_them() -> None:
    answers = council_dataset(Council(), 2000, 3)
    shown = disclose(describe(answers).questions)
    section = comments_section(answers, shown)
    assert section is not None
    assert "A machine suggests these themes" in section.intro[0]
    assert section.pieces[0].sentences[0].startswith("The largest of ")


def test_without_its_library_the_report_says_how_to_have_themes(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = council_dataset(Council(), 2000, 3)
    shown = disclose(describe(answers).questions)
    monkeypatch.setitem(sys.modules, "sklearn.decomposition", None)
    section = comments_section(answers, shown)
    assert section is not None
    assert section.pieces[0].sentences == (NOT_INSTALLED,)


def test_codes_that_people_gave_are_counted_by_channel() -> None:
    answers = council_dataset(Council(), 800, 3)
    wrote = answers.written["change"].responses.tolist()[:20]
    table = "comment,submission,question,code\n" + "".join(
        f"…,s{row},change,{'opening  hours; heating' if at % 4 == 0 else 'heating'}\n" for at, row in enumerate(wrote)
    )
    table += "…,s999999,change,heating\n…,s0,change,\n"
    places = {f"s{row}": row for row in range(800)}
    codes = codes_of(answers, read_codes(table), places)
    section = comments_section(answers, disclose(describe(answers).questions), codes)
    assert section is not None
    piece = section.pieces[0]
    assert piece.sentences[0] == (
        f"People who read 20 of {len(answers.written['change'].texts)} comments gave them 2 codes. The most frequent, "
        "“heating”, stands in 20 (100%)."
    )
    (rows,) = (each.rows for each in piece.tables)
    assert [(row.head, row.cells[:2]) for row in rows] == [("heating", ("20", "100%")), ("opening hours", ("5", "25%"))]
    paper = sum(answers.channel.codes[row] == 0 for row in wrote)
    assert rows[0].cells[-1] == f"{paper} paper, {20 - paper} online"


def test_codes_of_what_is_no_comment_are_refused_with_their_line() -> None:
    answers = council_dataset(Council(), 50, 3)
    with pytest.raises(CodesError, match="line 2: “library” is no comment of the form"):
        codes_of(answers, read_codes("submission,question,code\ns1,library,x\n"), {})
    with pytest.raises(CodesError, match="line 1 lacks the column code"):
        read_codes("submission,question\n")
