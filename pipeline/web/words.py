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
        "receipt_help": "Keep this code. With it we can tell you what became of your answers, here or at our desk.",
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
        "start": "Start now",
        "all_on_one_page": "Show all questions on one page",
        "one_by_one": "Show one question at a time",
        "question_of": "Question {number} of {questions}",
        "back": "Back",
        "keep": "Save and come back later",
        "check": "Check your answers",
        "check_title": "Check your answers",
        "change": "Change",
        "not_answered": "Not answered",
        "no_code": "None",
        "erase": "Erase my answers",
        "erase_help": "Changed your mind?",
        "erased_title": "Your answers are erased",
        "erased": "Nothing that you typed is kept here.",
        "gone_title": "These answers are not here any more",
        "gone": (
            "They were sent, they were erased, or they waited too long. You can begin again from the list of forms."
        ),
        "kept_title": "We are keeping your answers",
        "return_code": "Your code to come back",
        "return_help": (
            "Write it down or print this page. To carry on, type it on our first page, or open this address:"
        ),
        "kept_until": (
            "We keep your answers until the end of {date}. Then we erase them. Nobody reads them before you send them."
        ),
        "kept_since": "You asked us on {date} to keep your answers.",
        "shared_device": "If other people use this computer, close this window now.",
        "carry_on": "Carry on",
        "back_title": "Carry on with your answers",
        "codes_title": "Have you got a code?",
        "codes_help": "Type the code from a paper copy, from a receipt, or to come back to answers we keep for you.",
        "any_code_label": "Your code",
        "any_code_hint": "Letters and figures, such as 7Q2M ABCD. Spaces do not matter.",
        "return_unknown": (
            "We are keeping nothing with this code. Check it: it may have been sent, erased, or kept too long."
        ),
        "receipt_unknown": "We do not know this receipt. Check it, letter by letter.",
        "arrived_title": "What has arrived with this code",
        "arrived_on": "Arrived on {date}, {by}",
        "by_paper": "on paper",
        "by_online": "through our website",
        "by_kiosk": "on a screen at one of our buildings",
        "by_pdf": "as a filled-in PDF",
        "by_phone": "by telephone",
        "by_other": "by another way",
        "state_complete": "All of it has been taken in, and it counts. Nobody has to read anything more.",
        "state_partial": "Some of its pages have not come yet. What has come counts.",
        "state_waiting": "Somebody here still has to read part of it.",
        "state_to_confirm": (
            "A form with the same printed code came before it. Somebody here still has to look at both."
        ),
        "state_withdrawn": (
            "It does not count, because somebody here took it for a form we had already. If that is wrong, tell us."
        ),
        "not_arrived": "Nothing has arrived with this code yet.",
        "no_answers_here": "We show no answers here, because a photocopy has the same code.",
        "answer_with_code": "Answer online with this code",
        "too_slow_title": "It took too long to reach us",
        "too_slow": "Your connection broke off. Go back and send it again: it will count once.",
        "too_many_title": "Too much is being sent from your connection",
        "too_many": "Wait a minute and try again. What you sent before is safe.",
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
        "receipt_help": "Cadwch y cod hwn. Gyda hwn gallwn ddweud beth ddaeth o’ch atebion, yma neu wrth ein desg.",
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
        "start": "Dechrau nawr",
        "all_on_one_page": "Dangos pob cwestiwn ar un dudalen",
        "one_by_one": "Dangos un cwestiwn ar y tro",
        "question_of": "Cwestiwn {number} o {questions}",
        "back": "Yn ôl",
        "keep": "Cadw a dod yn ôl yn nes ymlaen",
        "check": "Gwirio eich atebion",
        "check_title": "Gwiriwch eich atebion",
        "change": "Newid",
        "not_answered": "Heb ei ateb",
        "no_code": "Dim",
        "erase": "Dileu fy atebion",
        "erase_help": "Wedi newid eich meddwl?",
        "erased_title": "Mae eich atebion wedi’u dileu",
        "erased": "Nid oes dim o’r hyn a deipioch chi yn cael ei gadw yma.",
        "gone_title": "Nid yw’r atebion hyn yma mwyach",
        "gone": (
            "Cawsant eu hanfon, eu dileu, neu buont yn aros yn rhy hir. Gallwch ddechrau eto o’r rhestr o ffurflenni."
        ),
        "kept_title": "Rydym yn cadw eich atebion",
        "return_code": "Eich cod i ddod yn ôl",
        "return_help": (
            "Ysgrifennwch ef neu argraffwch y dudalen hon. I barhau, teipiwch ef ar ein tudalen gyntaf, neu"
            " agorwch y cyfeiriad hwn:"
        ),
        "kept_until": (
            "Byddwn yn cadw eich atebion tan ddiwedd {date}. Yna byddwn yn eu dileu. Nid oes neb yn eu"
            " darllen cyn i chi eu hanfon."
        ),
        "kept_since": "Ar {date} fe wnaethoch chi ofyn i ni gadw eich atebion.",
        "shared_device": "Os yw pobl eraill yn defnyddio’r cyfrifiadur hwn, caewch y ffenestr hon nawr.",
        "carry_on": "Parhau",
        "back_title": "Parhau â’ch atebion",
        "codes_title": "Oes gennych chi god?",
        "codes_help": "Teipiwch y cod o gopi papur, o dderbynneb, neu i ddod yn ôl at atebion rydym yn eu cadw i chi.",
        "any_code_label": "Eich cod",
        "any_code_hint": "Llythrennau a ffigurau, fel 7Q2M ABCD. Nid yw bylchau o bwys.",
        "return_unknown": (
            "Nid ydym yn cadw dim gyda’r cod hwn. Gwiriwch ef: efallai bod yr atebion wedi’u hanfon, eu"
            " dileu neu eu cadw’n rhy hir."
        ),
        "receipt_unknown": "Nid ydym yn adnabod y dderbynneb hon. Gwiriwch hi, lythyren wrth lythyren.",
        "arrived_title": "Beth sydd wedi cyrraedd gyda’r cod hwn",
        "arrived_on": "Cyrhaeddodd ar {date}, {by}",
        "by_paper": "ar bapur",
        "by_online": "drwy ein gwefan",
        "by_kiosk": "ar sgrin yn un o’n hadeiladau",
        "by_pdf": "fel PDF wedi’i lenwi",
        "by_phone": "dros y ffôn",
        "by_other": "mewn ffordd arall",
        "state_complete": "Mae’r cyfan wedi’i dderbyn, ac mae’n cyfrif. Nid oes rhaid i neb ddarllen dim byd arall.",
        "state_partial": "Nid yw rhai o’i thudalennau wedi dod eto. Mae’r hyn sydd wedi dod yn cyfrif.",
        "state_waiting": "Mae’n rhaid i rywun yma ddarllen rhan ohoni o hyd.",
        "state_to_confirm": (
            "Daeth ffurflen gyda’r un cod printiedig o’i blaen. Mae’n rhaid i rywun yma edrych ar y ddwy o hyd."
        ),
        "state_withdrawn": (
            "Nid yw’n cyfrif, oherwydd bod rhywun yma wedi’i chymryd fel ffurflen oedd gennym yn barod. Os"
            " yw hynny’n anghywir, dywedwch wrthym."
        ),
        "not_arrived": "Nid oes dim wedi cyrraedd gyda’r cod hwn eto.",
        "no_answers_here": "Nid ydym yn dangos unrhyw atebion yma, oherwydd bod gan lungopi yr un cod.",
        "answer_with_code": "Ateb ar-lein gyda’r cod hwn",
        "too_slow_title": "Cymerodd ormod o amser i’n cyrraedd",
        "too_slow": "Torrodd eich cysylltiad. Ewch yn ôl a’i anfon eto: bydd yn cyfrif unwaith.",
        "too_many_title": "Mae gormod yn cael ei anfon o’ch cysylltiad",
        "too_many": "Arhoswch funud a rhowch gynnig arall arni. Mae’r hyn a anfonoch chi o’r blaen yn ddiogel.",
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
