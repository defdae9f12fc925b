"""How long the server takes to settle a doubt at the desk, with a long queue and a large record.

One copy that leaves doubts is drawn, scanned and read, one form is answered on a screen, and both are multiplied,
events and all, into a record of as many doubts and answers as asked for. Then somebody signs in and settles doubts
over HTTP, one after another: every second one the next in the queue, the others drawn by lot. What is measured is the
decision posted and the next page fetched. Options: --doubts, --answers, --settled, --seed.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from time import perf_counter

import httpx
import numpy as np

from benchmarks.desk.large import large_site
from pipeline.site import Site
from pipeline.store.queue import count_doubts
from pipeline.web.accounts import add_user
from pipeline.web.server import running

FORMS = Path(__file__).parent.parent / "forms"
PASSWORD = "four plain words here"
WARM = 5
"""Doubts settled before it is measured: connections are opened and templates read with the first."""


def sign_in(client: httpx.Client) -> None:
    """Begin a session."""
    token = _field(client.get("/sign-in").text, "form_token")
    client.post("/sign-in", data={"name": "mair", "password": PASSWORD, "form_token": token})


def settle(client: httpx.Client, address: str) -> tuple[float, float, str]:
    """Settle the doubt at an address; returns the ms of the decision and of the next page, and where that is."""
    text = client.get(address).text
    fields = {name: _field(text, name) for name in ("form_token", "after")}
    fields |= {"value": _field(text, "value")} if 'name="value" value' in text else {"missing": "unreadable"}
    began = perf_counter()
    answered = client.post(address, data=fields)
    decided = perf_counter()
    following = answered.headers["location"]
    client.get(following).raise_for_status()
    return 1000 * (decided - began), 1000 * (perf_counter() - decided), following


def settle_many(client: httpx.Client, site: Site, number: int, seed: int) -> Iterator[tuple[float, float]]:
    """Settle so many doubts, every second one somewhere in the queue."""
    with closing(site.open_store()) as db:
        waiting = [doubt for (doubt,) in db.execute("SELECT doubt FROM doubts")]
    done = set[str]()
    drawn = (f"/doubts/{doubt}" for doubt in Random(seed).sample(waiting, len(waiting)))
    somewhere = (address for address in drawn if address not in done)
    following = client.get("/doubts").headers["location"]
    for nth in range(number):
        here = following if nth % 2 else next(somewhere)
        done.add(here)
        decided, shown, following = settle(client, here)
        yield decided, shown


def _field(text: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', text)[-1]


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doubts", type=int, default=50_000)
    parser.add_argument("--answers", type=int, default=1_000_000)
    parser.add_argument("--settled", type=int, default=400)
    parser.add_argument("--seed", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        site = large_site(Path(folder, "site"), FORMS, options.doubts, options.answers, options.seed)
        add_user(site.private, "mair", "desk", PASSWORD)
        built = perf_counter() - began
        with closing(site.open_store()) as db:
            doubts, answers = count_doubts(db), db["answers"].count
        print(f"{doubts} doubts and {answers} answers in {built:.0f} s; now somebody settles", flush=True)
        with running(site) as urls, httpx.Client(base_url=urls.staff_url, timeout=60) as client:
            sign_in(client)
            times = list(settle_many(client, site, WARM + options.settled, options.seed))[WARM:]
        with closing(site.open_store()) as db:
            settled = doubts - count_doubts(db)
        megabytes = site.store.stat().st_size / 1e6
    both = [decided + shown for decided, shown in times]
    print(
        json.dumps(
            {
                "p95_ms": round(float(np.percentile(both, 95)), 1),
                "p50_ms": round(float(np.percentile(both, 50)), 1),
                "p95_decision_ms": round(float(np.percentile([decided for decided, _ in times], 95)), 1),
                "p95_next_page_ms": round(float(np.percentile([shown for _, shown in times], 95)), 1),
                "settled": settled,
                "doubts": doubts,
                "answers": answers,
                "store_mb": round(megabytes),
                "built_s": round(built),
                "seed": options.seed,
            }
        )
    )


if __name__ == "__main__":
    main()
