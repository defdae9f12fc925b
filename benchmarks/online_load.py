"""How many filled-in forms a second the server takes, durably and once each, beside a bare server and a bare store.

Made-up residents send the library's form over loopback, many at once; one in twenty sends it twice under the same key,
as a browser does that never got its answer. Then several servers share one store and are sent forms at the same time.
Whatever was answered with a receipt must be on record, once. Beside it, in the same run: the same requests to a server
that only says hello, and rows of the same size put into SQLite, each in a durable transaction of its own. Options:
--forms, --at-once, --servers, --seed.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from time import sleep
from uuid import UUID

import numpy as np

from benchmarks.online import bare
from benchmarks.online.senders import Filled, Sent, filled_form, send_all
from pipeline.form.definition import FormDefinition, Shape
from pipeline.practice.answers import random_answers
from pipeline.site import Site, load_form, open_site

FORM = Path(__file__).parent.parent / "forms" / "library-visit.yaml"
SENT_TWICE = 0.05
"""Share of forms whose answer is said to be lost, so that they are sent again."""

NO_LIMIT = 10_000_000
"""What one connection may ask for in a minute: here all the residents of a town come through one."""

_COMMAND = "from pipeline.cli import main; main()"
_PATIENCE_S = 120


@dataclass(frozen=True, slots=True)
class Load:
    """What a load of forms came to: forms on record a second, processor time of the servers for each post, and in how
    many milliseconds half and 99 of 100 were answered."""

    per_second: float
    cpu_ms: float
    p50_ms: float
    p99_ms: float
    lost: int
    doubled: int
    refused: int
    locked: int


def made_up_forms(form: FormDefinition, number: int, seed: int) -> list[Filled]:
    """Return so many forms, ready to be sent, some of them twice, in no order."""
    rng, chance = np.random.default_rng(seed), random.Random(seed)
    keys = [str(UUID(int=chance.getrandbits(128))) for _ in range(number)]
    forms = [filled_form(f"/f/{form.id}?lang=en", key, _fields(form, random_answers(form, rng))) for key in keys]
    again = chance.sample(forms, round(SENT_TWICE * number))
    return chance.sample([*forms, *again], number + len(again))


def _fields(form: FormDefinition, answers: Mapping[str, str]) -> list[tuple[str, str]]:
    many = {variable.name for variable in form.variables if variable.shape is Shape.CHOICES}
    return [
        (name, each)
        for name, value in answers.items()
        for each in (value.split(";") if name in many else [value])
        if each
    ]


def put_under_load(servers: int, forms: Sequence[Filled], at_once: int, folder: Path) -> Load:
    """Send the forms to so many servers of one new site, and count what is on record."""
    (folder / "forms").mkdir(parents=True)
    copy(FORM, folder / "forms")
    (folder / "site.yaml").write_text(f"allowance_per_minute: {NO_LIMIT}\n")
    site = open_site(folder)
    with ExitStack() as running, (folder / "stderr").open("w") as complaints:
        started = [running.enter_context(serving(site, complaints.fileno())) for _ in range(servers)]
        addresses, processes = zip(*started, strict=True)
        send_all(addresses, made_up_forms(load_form(site, FORM.stem), 20 * servers, seed=0), servers)
        before = sum(map(cpu_s, processes))
        sent, seconds = send_all(addresses, forms, at_once)
        spent = sum(map(cpu_s, processes)) - before
    return counted(site, sent, seconds, spent, (folder / "stderr").read_text())


@contextmanager
def serving(site: Site, complaints: int) -> Iterator[tuple[str, int]]:
    """Run `pillarbox serve` for as long as the block runs; gives the residents' address and the process."""
    command = [sys.executable, "-c", _COMMAND, "--site", str(site.root), "serve", "--json"]
    free = ["--port", "0", "--staff-port", "0"]
    with subprocess.Popen([*command, *free], stdout=subprocess.PIPE, stderr=complaints, text=True) as process:
        assert process.stdout is not None
        try:
            yield json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")["resident_url"], process.pid
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def cpu_s(process: int) -> float:
    """Return the processor time that a process has taken so far, in seconds (proc(5))."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def counted(site: Site, sent: Sequence[Sent], seconds: float, spent: float, complaints: str) -> Load:
    """Hold what was answered against what is on record."""
    with closing(site.open_store()) as db:
        recorded = dict(db.execute("SELECT submission_key, receipt FROM submissions").fetchall())
        (rows,) = db.execute("SELECT COUNT(*) FROM submissions").fetchone()
    promised = [each for each in sent if each.status == 201]
    receipts = Counter(key for key, _ in {(each.key, each.receipt) for each in promised})
    times = [1000 * each.seconds for each in sent]
    return Load(
        per_second=round(len(receipts) / seconds, 1),
        cpu_ms=round(1000 * spent / len(sent), 2),
        p50_ms=round(float(np.percentile(times, 50)), 1),
        p99_ms=round(float(np.percentile(times, 99)), 1),
        lost=sum(recorded.get(each.key) != each.receipt for each in promised),
        doubled=rows - len(recorded) + sum(count - 1 for count in receipts.values()),
        refused=len(sent) - len(promised),
        locked=complaints.count("database is locked"),
    )


def hellos(forms: Sequence[Filled], at_once: int) -> tuple[float, float]:
    """Return how many of the same requests a second a server takes that only says hello, and its processor ms."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with subprocess.Popen([sys.executable, bare.__file__, str(port)]) as process:
        try:
            _await(port)
            before = cpu_s(process.pid)
            sent, seconds = send_all([f"http://127.0.0.1:{port}"], forms, at_once)
            spent = cpu_s(process.pid) - before
        finally:
            process.terminate()
    return len(sent) / seconds, 1000 * spent / len(sent)


def _await(port: int) -> None:
    for _ in range(10 * _PATIENCE_S):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


def main() -> None:
    """Run the benchmark; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--forms", type=int, default=2000)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--servers", type=int, default=4)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        forms = made_up_forms(load_form(open_site(FORM.parent.parent), FORM.stem), options.forms, options.seed)
        one = put_under_load(1, forms, options.at_once, root / "one")
        print(f"one server: {one}", flush=True)
        several = put_under_load(options.servers, forms, options.at_once, root / "several")
        print(f"{options.servers} servers, one store: {several}", flush=True)
        hello, hello_cpu_ms = hellos(forms, options.at_once)
        insert = bare.inserts_per_second(root / "bare.db", [form.request for form in forms])
    print(
        json.dumps(
            {
                "per_second": one.per_second,
                "cpu_ms": one.cpu_ms,
                "p50_ms": one.p50_ms,
                "p99_ms": one.p99_ms,
                "lost": one.lost + several.lost,
                "doubled": one.doubled + several.doubled,
                "refused": one.refused + several.refused,
                "locked": one.locked + several.locked,
                "several_servers_per_second": several.per_second,
                "several_servers_p99_ms": several.p99_ms,
                "hello_per_second": round(hello, 1),
                "hello_cpu_ms": round(hello_cpu_ms, 2),
                "insert_per_second": round(insert, 1),
                "of_hello": round(one.per_second / hello, 3),
                "of_insert": round(one.per_second / insert, 3),
                "servers": options.servers,
                "forms": options.forms,
                "at_once": options.at_once,
                "seed": options.seed,
            }
        )
    )


if __name__ == "__main__":
    main()
