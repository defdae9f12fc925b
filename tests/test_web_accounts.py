"""Staff accounts: who may sign in, for how long, and what a stolen file is worth."""

import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from webpages import NOON

from pipeline.web import passwords
from pipeline.web.accounts import AccountError, Signed, add_user
from pipeline.web.sessions import (
    IDLE_MINUTES,
    SESSION_HOURS,
    TRIES,
    TRIES_PER_NAME,
    TRY_MINUTES,
    TooManyTries,
    check_sign_in,
    sign_out,
    signed_in,
)

PASSWORD = "four plain words here"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash at a cost that allows many tries in a test."""
    monkeypatch.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "private"
    add_user(folder, "mair", "desk", PASSWORD)
    return folder


def begin(private: Path, minutes: float = 0) -> str:
    token = check_sign_in(private, "mair", PASSWORD, "here", NOON + timedelta(minutes=minutes))
    assert isinstance(token, str)
    return token


def test_the_right_password_signs_in_and_signing_out_ends_it(private: Path) -> None:
    token = begin(private)
    signed = signed_in(private, token, NOON)
    assert isinstance(signed, Signed)
    assert (signed.name, signed.role, signed.may_decide) == ("mair", "desk", True)
    sign_out(private, token)
    assert signed_in(private, token, NOON) is None


def test_after_an_update_everybody_signs_in_once_more(private: Path) -> None:
    with sqlite3.connect(private / "staff.db") as db:
        db.execute("ALTER TABLE sessions DROP COLUMN how")
    token = begin(private)
    assert isinstance(signed_in(private, token, NOON), Signed)


@pytest.mark.parametrize(("name", "password"), [("mair", PASSWORD + "!"), ("mair", ""), ("nobody", PASSWORD)])
def test_anything_else_does_not(private: Path, name: str, password: str) -> None:
    assert check_sign_in(private, name, password, "here", NOON) is None


def test_a_password_costs_a_guesser_what_the_guidance_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    add_user(tmp_path, "mair", "desk", PASSWORD)
    assert isinstance(check_sign_in(tmp_path, "mair", PASSWORD, "here", NOON), str)
    db = sqlite3.connect(tmp_path / "staff.db")
    assert db.execute("SELECT cost FROM users").fetchone() == ("32768,8,3",)
    db.close()


def test_only_the_owner_can_read_the_file(private: Path) -> None:
    begin(private)
    assert stat.S_IMODE((private / "staff.db").stat().st_mode) == 0o600
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_the_file_holds_no_password_and_no_token(private: Path) -> None:
    token = begin(private)
    content = (private / "staff.db").read_bytes()
    assert PASSWORD.encode() not in content
    assert token.encode() not in content


def test_equal_passwords_do_not_look_equal(private: Path) -> None:
    add_user(private, "tom", "desk", PASSWORD)
    with sqlite3.connect(private / "staff.db") as db:
        hashes = [row[0] for row in db.execute("SELECT hash FROM users")]
    db.close()
    assert len(set(hashes)) == 2


def test_a_session_ends_after_a_day_and_when_the_desk_is_left(private: Path) -> None:
    token = begin(private)
    still = NOON
    while still < NOON + timedelta(hours=SESSION_HOURS) - timedelta(minutes=IDLE_MINUTES - 1):
        still += timedelta(minutes=IDLE_MINUTES - 1)
        assert signed_in(private, token, still)
    assert signed_in(private, token, NOON + timedelta(hours=SESSION_HOURS)) is None
    left = begin(private)
    assert signed_in(private, left, NOON + timedelta(minutes=IDLE_MINUTES + 1)) is None


def test_too_many_tries_close_the_door_for_a_while(private: Path) -> None:
    for _ in range(TRIES):
        assert check_sign_in(private, "mair", "guess", "there", NOON) is None
    assert check_sign_in(private, "mair", PASSWORD, "there", NOON) == TooManyTries()
    begin(private)
    later = NOON + timedelta(minutes=TRY_MINUTES, seconds=1)
    assert isinstance(check_sign_in(private, "mair", PASSWORD, "there", later), str)


def test_one_name_cannot_be_tried_from_everywhere(private: Path) -> None:
    for number in range(TRIES_PER_NAME):
        assert check_sign_in(private, "mair", "guess", f"address {number}", NOON) is None
    assert check_sign_in(private, "mair", PASSWORD, "here", NOON) == TooManyTries()


def test_one_address_cannot_try_every_name(private: Path) -> None:
    for number in range(TRIES_PER_NAME):
        assert check_sign_in(private, f"name {number}", "guess", "there", NOON) is None
    assert check_sign_in(private, "mair", PASSWORD, "there", NOON) == TooManyTries()


def test_a_new_password_ends_every_session(private: Path) -> None:
    token = begin(private)
    add_user(private, "mair", "analyst", "quite another one")
    assert signed_in(private, token, NOON) is None
    assert check_sign_in(private, "mair", PASSWORD, "here", NOON) is None
    again = check_sign_in(private, "mair", "quite another one", "here", NOON)
    assert isinstance(again, str)
    signed = signed_in(private, again, NOON)
    assert signed is not None
    assert not signed.may_decide


@pytest.mark.parametrize(
    ("name", "role", "password"),
    [("", "desk", PASSWORD), ("a\nb", "desk", PASSWORD), ("tom", "king", PASSWORD), ("tom", "desk", "short")],
)
def test_an_account_that_cannot_be_is_refused_in_words(tmp_path: Path, name: str, role: str, password: str) -> None:
    with pytest.raises(AccountError):
        add_user(tmp_path, name, role, password)
