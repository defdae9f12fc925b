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

CHECK: dict[str, Wording] = {
    "title": {"en": "Scanner check", "cy": "Gwirio’r sganiwr"},
    "use": {
        "en": "Scan this sheet as you scan forms, both sides, and drop it in with them.",
        "cy": "Sganiwch y daflen hon fel ffurflenni, y ddwy ochr, a’i gollwng gyda nhw.",
    },
    "greys": {"en": "Greys", "cy": "Llwydau"},
    "lines": {"en": "Fine lines", "cy": "Llinellau mân"},
    "pens": {"en": "Pens", "cy": "Pennau"},
    "pens_how": {
        "en": "Print in colour if you can: then this shows whether blue and red pens are seen.",
        "cy": "Argraffwch mewn lliw os gallwch: bydd hyn yn dangos a yw’r sganiwr yn gweld inc glas a choch.",
    },
    "black": {"en": "black pen", "cy": "pen du"},
    "blue": {"en": "blue pen", "cy": "pen glas"},
    "red": {"en": "red pen", "cy": "pen coch"},
    "pencil": {"en": "faint pencil", "cy": "pensel wan"},
    "scale": {"en": "Size", "cy": "Maint"},
    "scale_how": {
        "en": "The line above is 150 mm long where the printer does not shrink the page.",
        "cy": "Mae’r llinell uchod yn 150 mm o hyd os nad yw’r argraffydd yn crebachu’r dudalen.",
    },
    "told": {
        "en": "The desk then says whether the scanner is set well, or what to change.",
        "cy": "Mae’r ddesg wedyn yn dweud a yw’r sganiwr wedi’i osod yn dda, neu beth i’w newid.",
    },
    "back": {
        "en": "This is the back of the scanner check. Scan it together with the front.",
        "cy": "Dyma gefn y daflen gwirio’r sganiwr. Sganiwch hi gyda’r blaen.",
    },
}
"""What the scanner's check sheet says, in the order it says it."""
