"""What is left out and ticked straight down is counted by channel, by a plain recount."""

import numpy as np
import pytest
from made_up_council import council_dataset
from made_up_dataset import EVERY_KIND, coded, dataset, define, random_dataset, response

from pipeline.form.answer import Missing
from pipeline.form.definition import Shape
from pipeline.practice.council import Council
from pipeline.store.coded import COUNTED
from pipeline.tables.describe import describe
from pipeline.tables.disclose import disclose
from pipeline.tables.filled_in import differ, left_out, ratio, straight_lines
from pipeline.tables.sections.filled_in import filled_in_pieces


@pytest.mark.parametrize("name", ["opening-hours", "front-desk"])
def test_every_rate_equals_a_plain_recount(name: str) -> None:
    made_up = random_dataset(name, 200, 6)
    counted = [each for each in made_up.responses if each.facts["status"] in COUNTED]
    shapes = (Shape.CHOICE, Shape.NUMBER, Shape.DATE, Shape.POSTCODE, Shape.CODE)
    names = [each.name for each in made_up.variables if each.shape in shapes]
    for rate in left_out(coded(made_up), names):
        among = [each for each in counted if rate.group in ("everyone", each.facts["channel"])]
        kinds = [
            each.missing.get(name, Missing.NOT_ASKED) for each in among for name in names if name not in each.answers
        ]
        blank = sum(kind in (Missing.BLANK, Missing.REFUSED) for kind in kinds)
        given = sum(name in each.answers for each in among for name in names)
        assert (rate.n, rate.of) == (blank, blank + given)
        assert rate.interval.low <= rate.share <= rate.interval.high
    for question, rates in straight_lines(coded(made_up)).items():
        lines = [each.name for each in made_up.variables if each.question.id == question]
        for rate in rates:
            among = [each for each in counted if rate.group in ("everyone", each.facts["channel"])]
            whole = [[each.answers[line] for line in lines] for each in among if set(lines) <= each.answers.keys()]
            assert (rate.n, rate.of) == (sum(len(set(points)) == 1 for points in whole), len(whole))


def test_how_many_were_asked_does_not_tell_who_said_what_is_withheld() -> None:
    form = define(EVERY_KIND)

    def told(few: int) -> list[tuple[str, ...]]:
        said = [{"condition": "yes"}] * few + [{"condition": "no"}] * (30 - few)
        answers = coded(dataset(form, *(response(form, each, number=number) for number, each in enumerate(said))))
        return [piece.sentences for piece in filled_in_pieces(answers, disclose(describe(answers).questions))]

    assert told(2) == told(3)


def test_what_was_planted_by_channel_is_said() -> None:
    made_up = council_dataset(Council(), 3000, 4)
    (straight,) = straight_lines(made_up).values()
    ((paper, online),) = differ(straight)
    assert paper.share < online.share
    blank, lines = filled_in_pieces(made_up, disclose(describe(made_up).questions))
    assert "which is more than chance alone would usually bring." in blank.sentences[0]
    assert lines.sentences[0].startswith("Of “How good are these?”, ")


def test_intervals_hold_the_rate_although_people_leave_out_several() -> None:
    """One in ten leaves out 8 of 10 answers: an interval that took answers for independent would hold too seldom."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        blank = np.where(rng.random(300) < 0.1, 8, 0)
        found = ratio("everyone", blank, np.full(300, 10)).interval
        held += found.low <= 0.08 <= found.high
    assert held >= 180
