"""The product's own printed words, in every language it speaks; a form's words come from its definition.

A language missing here is printed in English, so that a form in Polish still tells its readers what to tick.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pipeline.form.definition import Wording

PRINTED: dict[str, dict[str, str]] = {
    "en": {
        "minute": "It takes about a minute.",
        "minutes": "It takes about {minutes} minutes.",
        "closes": "Please return it by {date}.",
        "online": "You can answer online instead: go to our website and type in the code at the foot of this page.",
        "easy_online": "You can answer online. Go to our website. Type in the code at the foot of this page.",
        "how_to_tick": "Tick the box beside your answer, in black or blue.",
        "change_of_mind": "Changed your mind? Fill the box in completely and tick another.",
        "a_ticked_box": "A box with a tick in it.",
        "a_filled_box": "A box filled in completely.",
        "a_page_code": "A square code, by which our scanner knows this form. It says the same as your code.",
        "type_in": "You can type your answers into this file: save it and send it back. Or print it and use a pen.",
        "tick_one": "Tick one box.",
        "tick_all": "Tick all that apply.",
        "tick_rows": "Tick one box in each row.",
        "tick_statements": "Tick one box for each.",
        "capitals": "One capital letter or number in each box.",
        "digits": "One number in each box.",
        "day": "Day",
        "month": "Month",
        "year": "Year",
        "need_not": "You do not have to answer this.",
        "go_to": "If you ticked {answers}, go to question {question}.",
        "finish": "If you ticked {answers}, you have finished. Thank you.",
        "only_if": "Answer this only if you ticked {answers} at question {question}.",
        "only_if_statement": "Answer this only if you ticked {answers} for ‘{statement}’ at question {question}.",
        "only_if_written": "Answer this only if you wrote {answers} at question {question}.",
        "quoted": "‘{answer}’",
        "or": " or ",
        "continued": "(continued)",
        "page": "Page {page} of {pages}",
        "code": "Your code",
        "where": "Where to return this form",
        "privacy": "How we use what you tell us",
        "kept": "We delete the scan of this form after {scans} and your answers after {answers}.",
        "easy_kept": "We delete the scan of this form after {scans}. We delete your answers after {answers}.",
        "destroyed": "We destroy this paper, and every scan of it, by {date}.",
        "publish": "We may publish comments, but never anything that shows who you are.",
        "one_day": "1 day",
        "days": "{count} days",
        "one_year": "1 year",
        "years": "{count} years",
        "date": "{day} {month} {year}",
        "months": "January February March April May June July August September October November December",
    },
    "cy": {
        "minute": "Mae’n cymryd tua munud.",
        "minutes": "Mae’n cymryd tua {minutes} munud.",
        "closes": "Dychwelwch hi erbyn {date}.",
        "online": "Gallwch ateb ar-lein yn lle hynny: ewch i’n gwefan a theipiwch y cod ar waelod y dudalen hon.",
        "easy_online": "Gallwch ateb ar-lein. Ewch i’n gwefan. Teipiwch y cod ar waelod y dudalen hon.",
        "how_to_tick": "Ticiwch y blwch wrth ymyl eich ateb, mewn du neu las.",
        "change_of_mind": "Wedi newid eich meddwl? Llenwch y blwch yn gyfan gwbl a thiciwch un arall.",
        "a_ticked_box": "Blwch â thic ynddo.",
        "a_filled_box": "Blwch wedi’i lenwi’n gyfan gwbl.",
        "a_page_code": "Cod sgwâr, sy’n dangos i’n sganiwr pa ffurflen yw hon. Mae’n dweud yr un peth â’ch cod.",
        "type_in": "Gallwch deipio eich atebion yma: cadwch y ffeil a’i hanfon yn ôl. Neu argraffwch a defnyddio pen.",
        "tick_one": "Ticiwch un blwch.",
        "tick_all": "Ticiwch bob un sy’n berthnasol.",
        "tick_rows": "Ticiwch un blwch ym mhob rhes.",
        "tick_statements": "Ticiwch un blwch ar gyfer pob un.",
        "capitals": "Un briflythyren neu rif ym mhob blwch.",
        "digits": "Un rhif ym mhob blwch.",
        "day": "Diwrnod",
        "month": "Mis",
        "year": "Blwyddyn",
        "need_not": "Does dim rhaid i chi ateb hwn.",
        "go_to": "Os gwnaethoch chi dicio {answers}, ewch i gwestiwn {question}.",
        "finish": "Os gwnaethoch chi dicio {answers}, rydych chi wedi gorffen. Diolch.",
        "only_if": "Atebwch hwn dim ond os gwnaethoch chi dicio {answers} yng nghwestiwn {question}.",
        "only_if_statement": (
            "Atebwch hwn dim ond os gwnaethoch chi dicio {answers} ar gyfer ‘{statement}’ yng nghwestiwn {question}."
        ),
        "only_if_written": "Atebwch hwn dim ond os gwnaethoch chi ysgrifennu {answers} yng nghwestiwn {question}.",
        "quoted": "‘{answer}’",
        "or": " neu ",
        "continued": "(parhad)",
        "page": "Tudalen {page} o {pages}",
        "code": "Eich cod",
        "where": "Ble i ddychwelyd y ffurflen hon",
        "privacy": "Sut rydym yn defnyddio’r hyn a ddywedwch wrthym",
        "kept": "Rydym yn dileu’r sgan o’r ffurflen hon ar ôl {scans} a’ch atebion ar ôl {answers}.",
        "easy_kept": "Rydym yn dileu’r sgan o’r ffurflen hon ar ôl {scans}. Rydym yn dileu’ch atebion ar ôl {answers}.",
        "destroyed": "Byddwn yn dinistrio’r papur hwn, a phob sgan ohono, erbyn {date}.",
        "publish": "Gallwn gyhoeddi sylwadau, ond byth unrhyw beth sy’n dangos pwy ydych chi.",
        "one_day": "1 diwrnod",
        "days": "{count} diwrnod",
        "one_year": "12 mis",
        "years": "{months} mis",
        "date": "{day} {month} {year}",
        "months": "Ionawr Chwefror Mawrth Ebrill Mai Mehefin Gorffennaf Awst Medi Hydref Tachwedd Rhagfyr",
    },
}
"""Every printed phrase by language and name. Welsh counts in months: its words for years change with the number."""


def phrase(name: str, language: str, **blanks: object) -> str:
    """Return the printed phrase `name` in `language`, or in English, with its blanks filled."""
    return PRINTED.get(language, PRINTED["en"])[name].format(**blanks)


def printed(name: str, languages: Iterable[str], **blanks: object) -> Wording:
    """Return the printed phrase `name` as a wording in all `languages`, the blanks the same in each."""
    return {language: phrase(name, language, **blanks) for language in languages}


def long_date(day: date, language: str) -> str:
    """Return a date as it is written out: `31 March 2026`."""
    month = phrase("months", language).split()[day.month - 1]
    return phrase("date", language, day=day.day, month=month, year=day.year)


def long_time(days: int, language: str) -> str:
    """Return a length of time in whole years where it is so many (of 365 days), else in days."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return phrase("one_year" if years == 1 else "years", language, count=years, months=12 * years)
    return phrase("one_day" if days == 1 else "days", language, count=days)


def counted(number: int, thing: str) -> str:
    """Return in English how many of a thing there are, in the plural unless it is one: `1 file`, `1,200 copies`."""
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing[:-1]}ies" if thing.endswith("y") else f"{number:,} {thing}s"
