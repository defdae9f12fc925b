"""The benchmarks can be listed, each with a line saying what it measures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
NAMES = {path.stem.replace("_", "-") for path in (CHECKOUT / "benchmarks").glob("[!_]*.py")}


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the listing as `make bench` does, from the checkout."""
    code = "import runpy, sys; sys.path.insert(0, '.'); runpy.run_module('benchmarks', run_name='__main__')"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def test_each_benchmark_is_listed_with_what_it_measures() -> None:
    listed = dict(line.split(maxsplit=1) for line in benchmarks().stdout.splitlines())
    assert listed.keys() == NAMES


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    finished = benchmarks("jorney")
    assert finished.returncode == 2
    assert "There is no benchmark called jorney." in finished.stderr


def test_reading_under_one_condition_is_measured() -> None:
    finished = benchmarks("reader-conditions", "--only", "clean", "--pages", "1", "--processes", "1", "--seed", "3")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["conditions"]["clean"]["registered"] == 2
    assert figures["grey"]["accepted"] > 30
    assert figures["taken_for_another"] == 0


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied, and their files looked up, as Linux does")
def test_faults_of_every_kind_lose_no_sheet_and_double_none() -> None:
    finished = benchmarks("desk-faults", "--every", "47", "--files", "32", "--cuts", "40")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["faults"] > 10
    assert len(figures["by_kind"]) >= 8
    assert (figures["lost"], figures["doubled"], figures["broke_off"]) == (0, 0, 0), finished.stdout
    assert figures["power_states"] > 10_000
    assert figures["power_lost"] == 0, finished.stdout
    assert figures["fsyncs_needed"] == figures["fsyncs"] >= 12, finished.stdout
    assert (figures["soak_lost"], figures["soak_doubled"]) == (0, 0), finished.stdout
    assert figures["cuts"] > 200
    assert figures["cuts_not_whole"] == 0, finished.stdout


def test_faults_of_scanners_are_named_and_counted() -> None:
    finished = benchmarks("scanner-check", "--scanners", "1")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert (figures["missed"], figures["false"]) == (0, 0), finished.stdout
    assert figures["scans"] == len(figures["faults"]) > 10


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is measured on Linux")
def test_the_cost_of_reading_and_of_each_step_of_it_is_measured() -> None:
    finished = benchmarks("reader-speed", "--pages", "2", "--rounds", "0")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["boxes"]["pages"] == figures["comments"]["pages"] == {"read": 2}
    assert figures["times_decode"] > 1
    assert figures["peak_mb_1000_pages"] > 50
    assert "boxes to tick" in finished.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is measured on Linux")
def test_the_cost_of_printing_is_measured() -> None:
    finished = benchmarks("print-speed", "2")
    assert finished.returncode == 0, finished.stderr
    assert json.loads(finished.stdout.splitlines()[-1])["cpu_ms_per_sheet"] > 0


def test_the_time_a_decision_at_the_desk_takes_is_measured_on_a_record_that_holds_together() -> None:
    finished = benchmarks("desk-latency", "--doubts", "40", "--answers", "600", "--settled", "10")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["doubts"] >= 40
    assert figures["answers"] >= 600
    assert figures["settled"] == 15, "those before it is measured, too"
    assert figures["p95_ms"] > 1


@pytest.mark.skipif(sys.platform != "linux", reason="processor time is measured on Linux")
def test_forms_sent_to_two_servers_of_one_store_are_each_on_record_once() -> None:
    finished = benchmarks("online-load", "--forms", "40", "--servers", "2")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert (figures["lost"], figures["doubled"], figures["refused"], figures["locked"]) == (0, 0, 0, 0), finished.stdout
    assert figures["per_second"] > 1
    assert figures["hello_per_second"] > figures["per_second"]


def test_made_up_forms_are_stored_the_same_from_every_edition_and_language() -> None:
    finished = benchmarks("editions", "--definitions", "2", "--questions", "3")
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["equal"] > figures["waiting"] > 0
    assert (figures["wrong"], figures["wrong_after_settling"], figures["refused"]) == (0, 0, 0), finished.stdout
    assert figures["ways"] == 8
    assert figures["languages"] == 8


def test_real_marks_are_read_rightly_or_left_to_a_person(shared_data: Path) -> None:
    finished = benchmarks("reader-crops", "--shared", str(shared_data))
    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout.splitlines()[-1])
    assert figures["clear"] > 100
    assert figures["silent"] <= 1
