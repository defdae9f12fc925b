"""Why a picture was not read as a page of ours, and the plain sentence each reason is told in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Reason(StrEnum):
    """Everything that can keep a picture from being read as a page. Each has one sentence in `SENTENCES`."""

    FOREIGN = "foreign"
    NO_CODE = "no_code"
    TWO_SHEETS = "two_sheets"
    UNKNOWN_LAYOUT = "unknown_layout"
    TOO_COARSE = "too_coarse"
    UNSURE_WHERE = "unsure_where"
    LOOK_ALIKES = "look_alikes"
    NOT_OPENED = "not_opened"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A picture that was not read: the reason, the technical detail for the log, and a small JPEG of it to show.

    The picture is empty where a page could not be opened.
    """

    reason: Reason
    detail: str = ""
    picture: bytes = field(default=b"", repr=False)

    @property
    def sentence(self) -> str:
        """What happened and what to do, for the people at the desk."""
        return SENTENCES[self.reason]


@dataclass(frozen=True, slots=True)
class BlankPage:
    """A picture of paper with nothing on it, such as the back of a sheet printed on one side."""


SENTENCES: dict[Reason, str] = {
    Reason.FOREIGN: (
        "We found none of our printed marks on this page, so it is not a page of our forms, or too dark to make out. "
        "Nothing was counted. If it is one of ours, please scan it again; if it came with a form, keep them together."
    ),
    Reason.NO_CODE: (
        "This is one of our forms, but both square codes are spoilt, so we cannot tell which copy it is. "
        "Please scan it again; if that does not help, type the answers in by hand."
    ),
    Reason.TWO_SHEETS: (
        "There is more than one sheet in this picture. Please scan each sheet on its own, so that none is missed."
    ),
    Reason.UNKNOWN_LAYOUT: (
        "This form was printed somewhere else: this site does not know where its questions are. "
        "Please take it to the library or office that printed it, and have it scanned there."
    ),
    Reason.TOO_COARSE: (
        "The picture is too coarse to tell marks from dust. Please scan the sheet again at 300 dots per inch."
    ),
    Reason.UNSURE_WHERE: (
        "We know which form this is, but could not find its boxes where they should be. "
        "The sheet may be folded, cut off or badly lit. Please smooth it out and scan it again."
    ),
    Reason.LOOK_ALIKES: (
        "Two forms that were made elsewhere look so much the same that we cannot tell which of them this page is. "
        "Nothing was counted. Please type the answers in by hand, and tell whoever looks after pillarbox here."
    ),
    Reason.NOT_OPENED: "This page is damaged or incomplete and could not be opened. Please scan the sheet again.",
}
"""One whole sentence or two for each reason: what happened, and what to do next."""
