"""Words printed for staff: on the cover sheet of a stack and on the scanner's check sheet, in English and Welsh."""

from __future__ import annotations

from pipeline.form.definition import Wording

LANGUAGES = ("en", "cy")

COVER: dict[str, Wording] = {
    "title": {"en": "Cover sheet", "cy": "Taflen glawr"},
    "forms": {"en": "Forms in this stack", "cy": "Ffurflenni yn y pentwr hwn"},
    "write": {
        "en": "How many forms are in this stack? One figure in each box.",
        "cy": "Faint o ffurflenni sydd yn y pentwr hwn? Un ffigur ym mhob blwch.",
    },
    "count": {
        "en": "Count the forms, not the sheets of paper.",
        "cy": "Cyfrwch y ffurflenni, nid y dalennau papur.",
    },
    "lay": {
        "en": "Lay this sheet on top of them and scan them all together.",
        "cy": "Rhowch y daflen hon ar eu pen a’u sganio i gyd gyda’i gilydd.",
    },
    "turn": {
        "en": "Does your scanner see one side only? Scan the fronts, turn the stack over, and scan the backs.",
        "cy": "Un ochr yn unig mae eich sganiwr yn ei gweld? Sganiwch y blaenau, trowch y pentwr, a sganiwch y cefnau.",
    },
    "told": {
        "en": "The desk then says whether every form has arrived.",
        "cy": "Mae’r ddesg wedyn yn dweud a yw pob ffurflen wedi cyrraedd.",
    },
    "stack": {"en": "Stack", "cy": "Pentwr"},
}
"""What a cover sheet says, in the order it says it."""
