"""What residents' pages need to work without a network: the service worker, and the page that tells what waits."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from pipeline.form.catalogue import LANGUAGES
from pipeline.form.definition import FormDefinition, Shape, Variable
from pipeline.form.problems import explain
from pipeline.form.rules import needed_answer, out_of_bounds
from pipeline.web.pages import STATIC, page, stamped

WORKER = "/worker.js"
ON_DEVICE = "/on-this-device"
NO_CONNECTION = "/no-connection"

_ALWAYS_KEPT = (
    "pillarbox.css", "pillarbox.svg", "queue.js", "device.js", "form.js", "put_right.js", "on_device.js",
    "no_connection.js",
)  # fmt: skip
"""Files that every form needs. Typefaces are kept as pages ask for them, since each language has its own."""


def worker_script(request: Request) -> Response:
    """Send the service worker, with what it is to keep.

    It stands at the top of the site, since a worker serves only what is below it. Browsers look for a new one at every
    visit; any change of a static file makes it one, so that no copy is older than the pages that name it.
    """
    return Response(_worker(), media_type="text/javascript", headers={"cache-control": "no-cache"})


def on_device_page(language: str) -> Response:
    """Show the page that tells which forms wait on the device that it is opened on; what they are, only that knows."""
    return page("on_device.html", language=language, languages=list(LANGUAGES), council="")


def no_connection_page(language: str) -> Response:
    """Show the page that stands in for one that cannot be reached; devices keep it for that."""
    return page("no_connection.html", language=language, languages=list(LANGUAGES), council="")


def rules_on_device(form: FormDefinition, language: str) -> str:
    """Return, as JSON, the rules that a device holds a form to by itself: what needs an answer, and bounds of numbers.

    They are the likeliest to be broken, and somebody at a library screen has left by the time the server sees the rest.
    """
    rules = (_rule_on_device(variable, language) for variable in form.variables)
    return json.dumps([rule for rule in rules if len(rule) > 1], ensure_ascii=False)


def _rule_on_device(variable: Variable, language: str) -> dict[str, str | int]:
    rule: dict[str, str | int] = {"question": variable.name}
    if needed := needed_answer(variable):
        rule["needed"] = explain(needed, language)
    question = variable.question
    if variable.shape is Shape.NUMBER and question.maximum is not None:
        (too_large,) = out_of_bounds(variable, str(question.maximum + 1))
        rule |= {"least": question.minimum or 0, "most": question.maximum, "outside": explain(too_large, language)}
    return rule


@cache
def _worker() -> str:
    files = [stamped(name) for name in _ALWAYS_KEPT]
    script = (STATIC / "worker.js").read_text(encoding="utf-8")
    version = hashlib.sha256("".join((*files, script)).encode()).hexdigest()[:8]
    kept = {"version": version, "queue": stamped("queue.js"), "files": files}
    return f"const kept = {json.dumps(kept)};\n{script}"
