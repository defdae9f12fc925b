"""What must hold of reading: an answer is either what its writer meant, or a person is asked."""

import shutil
from pathlib import Path

import pytest
from rich.progress import Progress

from pipeline.practice.trial import Print, run_trial
from pipeline.site import open_site

FORMS = Path(__file__).parents[1] / "forms"
COPIES = 200
MOST_WAITING = 0.05


def test_of_200_copies_every_answer_is_right_or_waits_for_a_person(tmp_path: Path) -> None:
    shutil.copytree(FORMS, tmp_path / "forms")
    (tmp_path / "scanner_inbox").mkdir()
    trial = run_trial(open_site(tmp_path), "opening-hours", COPIES, seed=20260301, progress=Progress(disable=True))
    print(f"\n{trial.answers} answers: {trial.right} right, waiting {dict(trial.waiting)}, wrong {trial.mistakes}")
    assert trial.refused == 0
    assert trial.mistakes == ()
    assert trial.share_waiting <= MOST_WAITING
    assert trial.unsettled == (), "what is exported after settling is what the writers meant"


@pytest.mark.parametrize("printed", [Print("easyread", "cy"), Print("postcard", "en")])
def test_other_editions_come_back_as_the_same_answers(tmp_path: Path, printed: Print) -> None:
    shutil.copytree(FORMS, tmp_path / "forms")
    (tmp_path / "scanner_inbox").mkdir()
    trial = run_trial(open_site(tmp_path), "library-visit", 2, 20261128, Progress(disable=True), printed)
    assert trial.refused == 0
    assert trial.mistakes == trial.unsettled == ()
    assert trial.right + sum(trial.waiting.values()) == trial.answers > 0
