"""Every address of the desk is refused to whoever may not have it: one table, which every address must be in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
from starlette.routing import Route
from webpages import NOON, Page, make_site

from pipeline.site import Site
from pipeline.web import accounts, passwords
from pipeline.web.accounts import add_user
from pipeline.web.desk import Desk
from pipeline.web.gate import SESSION_COOKIE, CouncilSignOn
from pipeline.web.open_forms import Forms
from pipeline.web.roles import ROLES, WITHHELD, May, allowed
from pipeline.web.server import Addresses, running
from pipeline.web.sessions import IDLE_MINUTES, SESSION_HOURS, sign_ins

PASSWORD = "four plain words here"
HEADER = "X-Council-User"

PEOPLE = {role: (role, frozenset[str]()) for role in ROLES} | {
    "crops": ("reviewer", frozenset({"crops_only"})),
    "blinkered": ("reviewer", frozenset({"no_personal"})),
}
"""Somebody of each role, and two reviewers from whom something is withheld."""

LOOKING = {"desk", "reviewer", "analyst", "manager", "crops", "blinkered"}
DECIDING = {"desk", "reviewer", "manager", "crops", "blinkered"}
CHECKING = {"desk", "reviewer", "manager", "crops"}
SEEING_PAGES = {"desk", "reviewer", "manager"}

AT_THE_COUNTER = {"desk", "manager"}

ANYBODY = {("GET", "/sign-in"), ("POST", "/sign-in")}

WHO_MAY: dict[tuple[str, str], set[str]] = {
    ("POST", "/sign-out"): LOOKING,
    ("GET", "/"): LOOKING,
    ("GET", "/doubts"): DECIDING,
    ("GET", "/doubts/{doubt}"): DECIDING,
    ("POST", "/doubts/{doubt}"): DECIDING,
    ("GET", "/doubts/{doubt}/picture"): DECIDING,
    ("GET", "/doubts/{doubt}/page"): SEEING_PAGES,
    ("GET", "/characters"): DECIDING,
    ("GET", "/characters/{figure}"): DECIDING,
    ("POST", "/characters/{figure}"): DECIDING,
    ("GET", "/characters/pictures/{name}"): DECIDING,
    ("POST", "/undo"): DECIDING,
    ("GET", "/pages/{sha256}/{page}/picture"): SEEING_PAGES,
    ("POST", "/scans/{sha256}/done"): DECIDING,
    ("POST", "/scans/{sha256}/{page}/done"): DECIDING,
    ("GET", "/checks"): CHECKING,
    ("POST", "/checks"): CHECKING,
    ("GET", "/checks/{check}"): CHECKING,
    ("POST", "/checks/{check}"): CHECKING,
    ("GET", "/checks/{check}/picture"): CHECKING,
    ("GET", "/hand-in"): AT_THE_COUNTER,
    ("POST", "/hand-in"): AT_THE_COUNTER,
    ("GET", "/forms"): AT_THE_COUNTER,
    ("GET", "/forms/{form}/print"): AT_THE_COUNTER,
    ("POST", "/forms/{form}/print"): AT_THE_COUNTER,
    ("GET", "/forms/{form}/{source}"): AT_THE_COUNTER,
    ("POST", "/forms/{form}/{source}"): AT_THE_COUNTER,
    ("GET", "/copies"): AT_THE_COUNTER,
    ("GET", "/copies/{copy}"): AT_THE_COUNTER,
    ("POST", "/copies/{copy}/print"): AT_THE_COUNTER,
    ("GET", "/receipts/{receipt}"): AT_THE_COUNTER,
    ("GET", "/stacks"): LOOKING,
    ("GET", "/stacks/cover.pdf"): AT_THE_COUNTER,
    ("POST", "/stacks/{batch}"): AT_THE_COUNTER,
    ("GET", "/scanner"): LOOKING,
    ("GET", "/scanner/check-sheet.pdf"): AT_THE_COUNTER,
    ("GET", "/answers"): LOOKING,
    ("GET", "/answers/{form}"): LOOKING,
    ("GET", "/answers/{form}/{variable}"): LOOKING,
    ("GET", "/traces/{submission}/{variable}"): LOOKING,
    ("GET", "/traces/{submission}/{variable}/picture"): LOOKING,
    ("GET", "/traces/{submission}/{variable}/page"): SEEING_PAGES,
    ("GET", "/record"): {"manager"},
}
"""Every address of the desk but those in ANYBODY, and who may have it; one that is missing here fails the test."""

POSTS = sorted(each for each in WHO_MAY if each[0] == "POST")
EVERY = sorted(WHO_MAY)


@dataclass
class Served:
    """The site as it is served, a clock that can be put forward, and a session for each of PEOPLE."""

    urls: Addresses
    site: Site
    sessions: dict[str, str] = field(default_factory=dict)
    now: datetime = NOON

    def ask(self, who: str | None, method: str, path: str, token: str | None = None, **headers: str) -> httpx.Response:
        """Send a request as somebody, with the token of their forms unless another is given."""
        cookies = {SESSION_COOKIE: self.sessions[who]} if who else {}
        fields = {"form_token": self.token(who) if token is None and who else token or ""}
        with httpx.Client(base_url=self.urls.staff_url, cookies=cookies) as client:
            return client.request(method, filled_in(path), headers=headers, data=fields if method == "POST" else None)

    def token(self, who: str) -> str:
        with httpx.Client(base_url=self.urls.staff_url, cookies={SESSION_COOKIE: self.sessions[who]}) as client:
            return Page(client.get("/").text).all("input", name="form_token")[0]["value"]

    def sign_in(self, who: str) -> None:
        with httpx.Client(base_url=self.urls.staff_url) as client:
            token = Page(client.get("/sign-in").text).hidden("form_token")
            client.post("/sign-in", data={"name": who, "password": PASSWORD, "form_token": token})
            self.sessions[who] = client.cookies[SESSION_COOKIE]


def filled_in(path: str) -> str:
    return path.replace("{page}", "0").replace("{", "").replace("}", "")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    site = make_site(tmp_path_factory.mktemp("gate"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_SCRYPT_COST", (2, 8, 1))
        for who, (role, withheld) in PEOPLE.items():
            add_user(site.private, who, role, PASSWORD, withheld)
        with running(site, clock=lambda: found.now, council=CouncilSignOn(HEADER, frozenset({"203.0.113.9"}))) as urls:
            found = Served(urls, site)
            for who in PEOPLE:
                found.sign_in(who)
            yield found


def refused(response: httpx.Response) -> bool:
    """Whether nothing was given and nothing done: sent to sign in, or told no."""
    return response.status_code == 403 or response.headers.get("location") == "/sign-in"


def test_every_address_of_the_desk_is_in_the_table(served: Served) -> None:
    routes = Desk(served.site, lambda: NOON, Forms(served.site)).routes()
    addresses = {
        (method, route.path)
        for route in routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert addresses == set(WHO_MAY) | ANYBODY
    assert len(routes) == len(addresses), "every route is one that the table can hold"


@pytest.mark.parametrize(("method", "path"), EVERY)
@pytest.mark.parametrize("who", PEOPLE)
def test_each_person_has_what_the_table_says_and_no_more(served: Served, who: str, method: str, path: str) -> None:
    if path == "/sign-out" and who in WHO_MAY[method, path]:
        return  # the test of ended sessions does it: here it would end everybody's
    response = served.ask(who, method, path)
    assert (response.status_code == 403) == (who not in WHO_MAY[method, path])
    assert response.headers.get("location") != "/sign-in"


@pytest.mark.parametrize("page", ["9" * 5000, "9" * 20, "-1", "x", "²"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/pages/ab/{}/picture"), ("POST", "/scans/ab/{}/done")])
def test_a_page_that_no_file_has_is_no_page(served: Served, method: str, path: str, page: str) -> None:
    assert served.ask("desk", method, path.format(page)).status_code == 404


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_a_stranger_is_sent_to_sign_in(served: Served, method: str, path: str) -> None:
    response = served.ask(None, method, path)
    assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(("method", "path"), [*EVERY, *sorted(ANYBODY)])
def test_the_residents_listener_knows_no_such_address(served: Served, method: str, path: str) -> None:
    cookies = {SESSION_COOKIE: served.sessions["manager"]}
    with httpx.Client(base_url=served.urls.resident_url, cookies=cookies) as client:
        response = client.request(method, filled_in(path))
    assert response.status_code in (404, 405) or (path == "/" and "The desk" not in response.text)


@pytest.mark.parametrize("token", ["", "guessed", "somebody else's"])
@pytest.mark.parametrize(("method", "path"), POSTS)
def test_nothing_is_taken_without_the_token_of_ones_own_forms(
    served: Served, method: str, path: str, token: str
) -> None:
    sent = served.token("desk") if token == "somebody else's" else token
    assert served.ask("manager", method, path, token=sent).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [*POSTS, ("POST", "/sign-in")])
def test_nothing_is_taken_from_a_page_of_another_site(
    served: Served, method: str, path: str, headers: dict[str, str]
) -> None:
    assert served.ask("manager", method, path, **headers).status_code == 403


def test_our_own_pages_may_send(served: Served) -> None:
    own = {"Origin": served.urls.staff_url, "Sec-Fetch-Site": "same-origin"}
    assert not refused(served.ask("desk", "POST", "/undo", **own))


@pytest.mark.parametrize("ending", ["signed out", "idle", "after a day", "removed"])
def test_nothing_is_given_once_the_session_has_ended(served: Served, ending: str) -> None:
    if ending == "signed out":
        assert served.ask("manager", "POST", "/sign-out").headers["location"] == "/sign-in"
    elif ending == "removed":
        accounts.remove_user(served.site.private, "manager")
    else:
        served.now = NOON + (timedelta(minutes=IDLE_MINUTES) if ending == "idle" else timedelta(hours=SESSION_HOURS))
    for method, path in EVERY:
        assert refused(served.ask("manager", method, path, token="whatever it was"))
    served.now = NOON
    add_user(served.site.private, "manager", "manager", PASSWORD)
    served.sign_in("manager")


def test_the_proxys_header_is_believed_from_the_proxy_alone(served: Served) -> None:
    assert served.ask(None, "GET", "/", **{HEADER: "manager"}).headers["location"] == "/sign-in"


def test_the_councils_sign_on_lets_in_whom_it_names_as_long_as_it_does(served: Served) -> None:
    council = CouncilSignOn(HEADER, frozenset({"127.0.0.1"}))
    add_user(served.site.private, "council.mair", "desk", None)
    with (
        running(served.site, clock=lambda: NOON, council=council) as urls,
        httpx.Client(base_url=urls.staff_url) as client,
    ):
        first = client.get("/doubts", headers={HEADER: "council.mair"})
        assert (first.status_code, first.headers["location"]) == (303, "/doubts")
        assert client.get("/doubts", headers={HEADER: "council.mair"}).status_code == 200
        assert client.get("/doubts").headers["location"] == "/sign-in", "the proxy names her no longer"
        assert client.get("/record", headers={HEADER: "council.mair"}).status_code == 403
        stranger = client.get("/doubts", headers={HEADER: "<b>nobody"})
        assert stranger.status_code == 403
        assert "no account for “&lt;b&gt;nobody”" in stranger.text
        assert client.get("/", headers={HEADER: "manager"}).status_code == 303, "somebody else gets a session anew"
        token = Page(client.get("/sign-in").text).hidden("form_token")
        answer = client.post("/sign-in", data={"name": "council.mair", "password": "", "form_token": token})
        assert answer.status_code == 422, "without a password nobody gets in by one"
    assert ("council.mair", "council sign-on") in {(each.name, each.how) for each in sign_ins(served.site.private, 9)}


@pytest.mark.parametrize(
    "address",
    [
        "/copies?code=7Q2M%20ABCD",
        "/answers/every-kind?channel=paper&page=2",
        "/answers/50%25%3Foff?next=//elsewhere.example",
    ],
)
def test_whom_the_councils_sign_on_lets_in_arrives_where_they_were_going(served: Served, address: str) -> None:
    council = CouncilSignOn(HEADER, frozenset({"127.0.0.1"}))
    with running(served.site, clock=lambda: NOON, council=council) as urls:
        let_in = httpx.get(urls.staff_url + address, headers={HEADER: "manager"})
    assert (let_in.status_code, let_in.headers["location"]) == (303, address)


@pytest.mark.parametrize("path", ["//elsewhere.example/doubts", "/\\elsewhere.example", "/%09/elsewhere.example"])
def test_whom_the_councils_sign_on_lets_in_is_led_nowhere_else(served: Served, path: str) -> None:
    council = CouncilSignOn(HEADER, frozenset({"127.0.0.1"}))
    with running(served.site, clock=lambda: NOON, council=council) as urls:
        let_in = httpx.get(urls.staff_url + path, headers={HEADER: "manager"})
    assert "elsewhere" not in let_in.headers.get("location", "")


def test_who_signed_in_is_on_record_for_managers(served: Served) -> None:
    page = served.ask("manager", "GET", "/record")
    assert page.text.count("blinkered") >= 2, "among the people, and among those who signed in"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("what", WITHHELD)
def test_what_is_withheld_is_taken_away_and_nothing_else(role: str, what: str) -> None:
    assert allowed(role, frozenset({what})) == ROLES[role] - WITHHELD[what]


def test_whoever_may_not_see_what_is_personal_sees_no_whole_page() -> None:
    assert May.SEE_PAGES not in allowed("manager", frozenset({"no_personal"}))
