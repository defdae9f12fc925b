"""The web pages' own words for residents, in every language they speak; a form's words come from its definition.

A language missing here is spoken to in English around its own questions. Phrases that paper has too (dates,
"Tick one box") are `pipeline.form.words`.
"""

from __future__ import annotations

SPOKEN: dict[str, dict[str, str]] = {
    "en": {
        "language_name": "English",
        "language": "Language",
        "skip": "Skip to the page",
        "error_prefix": "Error: ",
        "put_right": "There is something to put right",
        "numbered": "Question {number}: {message}",
        "forms_title": "Tell us what you think",
        "forms_intro": "Choose a form. Your answers count the same on paper and online.",
        "no_forms": "No form is open at the moment.",
        "all_forms": "All forms",
        "open_until": "Open until {date}.",
        "paper_title": "Have you got a paper copy?",
        "paper_help": "Type the code printed on it to answer online instead.",
        "code_label": "Code on your paper copy",
        "code_label_optional": "Code on your paper copy, if you have one",
        "code_hint": "Eight letters and figures at the foot of each page",
        "continue": "Continue",
        "leave_out_any": "You can leave out any question.",
        "leave_out_most": "You can leave out any question, except where it says ‘Needs an answer’.",
        "needs_answer": "Needs an answer",
        "only_if": "Only if you ticked {answers} at question {question}",
        "only_if_statement": "Only if you ticked {answers} for ‘{statement}’ at question {question}",
        "other_label": "Please say what",
        "send": "Send your answers",
        "kept": "We delete your answers after {time}.",
        "code_misspelt": (
            "Check this code: it has eight letters and figures. If you have no paper copy, leave it empty."
        ),
        "code_unknown": "We do not know this code. Check it on your paper copy, or leave it empty.",
        "code_other_form": "This code is from another form, ‘{title}’. Leave it empty here, or answer that form.",
        "code_needed": "Type the code printed on your paper copy.",
        "no_such_question": (
            "This form has no question called ‘{question}’. It may have changed: please look through your answers"
            " and send them again."
        ),
        "key_misspelt": "Leave submission_key out, or send 8 to 64 letters, figures and hyphens.",
        "thank_you": "We have your answers",
        "receipt": "Your receipt",
        "receipt_help": "Keep this code. It shows that your answers arrived.",
        "received_on": "They arrived on {date}.",
        "again": "We had these answers already, so they count once, as you first sent them.",
        "what_next": "What happens next",
        "saved_title": "Saved on this device, will be sent",
        "saved_intro": (
            "We could not be reached just now. Your answers are saved, and will be sent by themselves as soon as there"
            " is a connection."
        ),
        "saved_stay": (
            "Until then they stay on this device, where others who use it may find them. Once we have them, they are"
            " removed from it."
        ),
        "saved_next": (
            "You need do nothing. If you do not see this device online for a while, open this page on it again: that,"
            " too, sends what waits. They count once, however often they are sent."
        ),
        "fill_another": "Fill in another",
        "on_device": "On this device",
        "see_on_device": "See what is on this device",
        "on_device_intro": (
            "Forms that were finished without a connection wait here until they have been sent. That happens by itself."
        ),
        "on_device_never": "Your browser sends forms at once, so none waits here.",
        "on_device_none": "No form waits on this device.",
        "waits_here": "Forms that wait on this device to be sent:",
        "refused_here": "Forms on this device that need you:",
        "finished_on": "Finished on",
        "is_waiting": "Saved on this device, will be sent.",
        "is_refused": "We could not take it as it is. It is still here.",
        "is_sent": "We have it. The answers are no longer on this device. This is the receipt:",
        "refused_advice": (
            "Open it, put that right, and send it again. If it cannot be sent any more, show the answers here to our"
            " staff, or read them out on the phone: they can type them in."
        ),
        "open_again": "Open it again",
        "try_again": "Send it again as it is",
        "show_answers": "Show the answers",
        "remove": "Remove it from this device",
        "removing": "These answers have not reached us. Remove them for good?",
        "form_changed": (
            "This form has changed since you opened it. Please look through your answers and send them again."
        ),
        "closed_title": "This form is closed",
        "closed": "It closed on {date}. Thank you to everybody who answered.",
        "not_open_title": "This form is not open yet",
        "not_open": "It opens on {date}.",
        "not_found_title": "There is no page at this address",
        "not_found": "Check the address, or start from the list of forms.",
        "too_long_title": "That is more than we can take",
        "too_long": "Go back, make your longest answers shorter, and send them again.",
        "not_understood_title": "We could not read what was sent",
        "not_understood": "Go back to the form and send it again.",
        "trouble_title": "Sorry, something went wrong here",
        "trouble": "We could not keep your answers. Go back and send them again: they will count once.",
    },
    "cy": {
        "language_name": "Cymraeg",
        "language": "Iaith",
        "skip": "Neidio i’r dudalen",
        "error_prefix": "Gwall: ",
        "put_right": "Mae rhywbeth i’w gywiro",
        "numbered": "Cwestiwn {number}: {message}",
        "forms_title": "Dywedwch eich barn",
        "forms_intro": "Dewiswch ffurflen. Mae eich atebion yn cyfrif yr un fath ar bapur ac ar-lein.",
        "no_forms": "Nid oes ffurflen ar agor ar hyn o bryd.",
        "all_forms": "Pob ffurflen",
        "open_until": "Ar agor tan {date}.",
        "paper_title": "Oes gennych chi gopi papur?",
        "paper_help": "Teipiwch y cod sydd wedi’i argraffu arno i ateb ar-lein yn lle hynny.",
        "code_label": "Y cod ar eich copi papur",
        "code_label_optional": "Y cod ar eich copi papur, os oes gennych un",
        "code_hint": "Wyth llythyren a ffigur ar waelod pob tudalen",
        "continue": "Parhau",
        "leave_out_any": "Gallwch adael unrhyw gwestiwn heb ei ateb.",
        "leave_out_most": "Gallwch adael unrhyw gwestiwn heb ei ateb, oni bai ei fod yn dweud ‘Angen ateb’.",
        "needs_answer": "Angen ateb",
        "only_if": "Dim ond os gwnaethoch chi dicio {answers} yng nghwestiwn {question}",
        "only_if_statement": (
            "Dim ond os gwnaethoch chi dicio {answers} ar gyfer ‘{statement}’ yng nghwestiwn {question}"
        ),
        "other_label": "Dywedwch beth",
        "send": "Anfon eich atebion",
        "kept": "Rydym yn dileu eich atebion ar ôl {time}.",
        "code_misspelt": (
            "Gwiriwch y cod hwn: mae ganddo wyth llythyren a ffigur. Os nad oes gennych gopi papur, gadewch hwn yn wag."
        ),
        "code_unknown": "Nid ydym yn adnabod y cod hwn. Gwiriwch ef ar eich copi papur, neu gadewch hwn yn wag.",
        "code_other_form": (
            "Mae’r cod hwn o ffurflen arall, ‘{title}’. Gadewch hwn yn wag yma, neu atebwch y ffurflen honno."
        ),
        "code_needed": "Teipiwch y cod sydd wedi’i argraffu ar eich copi papur.",
        "no_such_question": (
            "Nid oes cwestiwn o’r enw ‘{question}’ ar y ffurflen hon. Efallai ei bod wedi newid: edrychwch drwy eich"
            " atebion a’u hanfon eto."
        ),
        "key_misspelt": "Gadewch submission_key allan, neu anfonwch 8 i 64 o lythrennau, ffigurau a chysylltnodau.",
        "thank_you": "Mae eich atebion gennym",
        "receipt": "Eich derbynneb",
        "receipt_help": "Cadwch y cod hwn. Mae’n dangos bod eich atebion wedi cyrraedd.",
        "received_on": "Fe wnaethon nhw gyrraedd ar {date}.",
        "again": (
            "Roedd yr atebion hyn gennym yn barod, felly maen nhw’n cyfrif unwaith, fel yr anfonoch chi nhw gyntaf."
        ),
        "what_next": "Beth sy’n digwydd nesaf",
        "saved_title": "Wedi’u cadw ar y ddyfais hon, cânt eu hanfon",
        "saved_intro": (
            "Doedd dim modd ein cyrraedd ar hyn o bryd. Mae eich atebion wedi’u cadw, a chânt eu hanfon ohonynt eu"
            " hunain cyn gynted ag y bydd cysylltiad."
        ),
        "saved_stay": (
            "Tan hynny maen nhw’n aros ar y ddyfais hon, lle gallai eraill sy’n ei defnyddio ddod o hyd iddynt. Unwaith"
            " y byddant gennym, cânt eu tynnu oddi arni."
        ),
        "saved_next": (
            "Does dim angen i chi wneud dim. Os na fydd y ddyfais hon ar-lein am sbel, agorwch y dudalen hon arni eto:"
            " mae hynny hefyd yn anfon yr hyn sy’n aros. Maen nhw’n cyfrif unwaith, waeth sawl gwaith y cânt eu hanfon."
        ),
        "fill_another": "Llenwi un arall",
        "on_device": "Ar y ddyfais hon",
        "see_on_device": "Gweld beth sydd ar y ddyfais hon",
        "on_device_intro": (
            "Mae ffurflenni a orffennwyd heb gysylltiad yn aros yma nes iddynt gael eu hanfon. Mae hynny’n digwydd"
            " ohono’i hun."
        ),
        "on_device_never": "Mae eich porwr yn anfon ffurflenni ar unwaith, felly does dim un yn aros yma.",
        "on_device_none": "Does dim ffurflen yn aros ar y ddyfais hon.",
        "waits_here": "Ffurflenni sy’n aros ar y ddyfais hon i’w hanfon:",
        "refused_here": "Ffurflenni ar y ddyfais hon sydd angen eich sylw:",
        "finished_on": "Gorffennwyd ar",
        "is_waiting": "Wedi’i chadw ar y ddyfais hon, caiff ei hanfon.",
        "is_refused": "Ni allem ei derbyn fel y mae. Mae hi yma o hyd.",
        "is_sent": "Mae hi gennym. Nid yw’r atebion ar y ddyfais hon mwyach. Dyma’r dderbynneb:",
        "refused_advice": (
            "Agorwch hi, cywirwch hynny, a’i hanfon eto. Os na ellir ei hanfon mwyach, dangoswch yr atebion yma i’n"
            " staff, neu darllenwch nhw dros y ffôn: gallant eu teipio."
        ),
        "open_again": "Ei hagor eto",
        "try_again": "Ei hanfon eto fel y mae",
        "show_answers": "Dangos yr atebion",
        "remove": "Ei thynnu oddi ar y ddyfais hon",
        "removing": "Nid yw’r atebion hyn wedi ein cyrraedd. Eu tynnu am byth?",
        "form_changed": (
            "Mae’r ffurflen hon wedi newid ers i chi ei hagor. Edrychwch drwy eich atebion a’u hanfon eto."
        ),
        "closed_title": "Mae’r ffurflen hon wedi cau",
        "closed": "Caeodd ar {date}. Diolch i bawb a atebodd.",
        "not_open_title": "Nid yw’r ffurflen hon ar agor eto",
        "not_open": "Bydd yn agor ar {date}.",
        "not_found_title": "Nid oes tudalen yn y cyfeiriad hwn",
        "not_found": "Gwiriwch y cyfeiriad, neu dechreuwch o’r rhestr o ffurflenni.",
        "too_long_title": "Mae hynny’n fwy nag y gallwn ei gymryd",
        "too_long": "Ewch yn ôl, gwnewch eich atebion hiraf yn fyrrach, a’u hanfon eto.",
        "not_understood_title": "Ni allem ddarllen yr hyn a anfonwyd",
        "not_understood": "Ewch yn ôl i’r ffurflen a’i hanfon eto.",
        "trouble_title": "Mae’n ddrwg gennym, aeth rhywbeth o’i le yma",
        "trouble": "Ni allem gadw eich atebion. Ewch yn ôl a’u hanfon eto: byddant yn cyfrif unwaith.",
    },
}
"""Every phrase by language and name. A test holds that each language has them all, with the same blanks."""


def spoken(name: str, language: str, **blanks: object) -> str:
    """Return the phrase `name` in `language`, or in English, with its blanks filled."""
    return SPOKEN.get(language, SPOKEN["en"])[name].format(**blanks)


def language_name(language: str) -> str:
    """Return what a language calls itself: `Cymraeg`; the bare tag where it has no name here."""
    return SPOKEN[language]["language_name"] if language in SPOKEN else _NAMES.get(language, language)


_NAMES = {
    "ar": "العربية",
    "bn": "বাংলা",
    "ga": "Gaeilge",
    "gd": "Gàidhlig",
    "pa": "ਪੰਜਾਬੀ",
    "pl": "Polski",
    "ro": "Română",
    "uk": "Українська",
    "ur": "اردو",
}


def direction(language: str) -> str:
    """Return which way a language runs, as HTML says it: `rtl` or `ltr`."""
    return "rtl" if language.split("-")[0] in {"ar", "fa", "he", "ur"} else "ltr"
