"""Both listeners in one process: residents' forms and the staff's desk, started together and stopped together."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import uvicorn
from starlette.types import ASGIApp

from pipeline.site import Site, SiteError
from pipeline.web.desk import desk_app
from pipeline.web.gate import CouncilSignOn
from pipeline.web.open_forms import Forms
from pipeline.web.residents import residents_app

LONGEST_GOODBYE = 10
"""Seconds that requests under way are given to end when the listeners stop."""


class Addresses(NamedTuple):
    """Where the listeners can be reached, once they can."""

    resident_url: str
    staff_url: str


Announce = Callable[[str, str], None]
"""Told both addresses, residents' first, once both listeners answer."""


class ListenError(SiteError):
    """An address cannot be listened on; the message says which and what to do."""


def serve(
    site: Site,
    host: str,
    port: int,
    staff_port: int,
    tls_cert: Path | None,
    tls_key: Path | None,
    announce: Announce,
    council: CouncilSignOn | None = None,
) -> None:
    """Serve a site until SIGINT or SIGTERM; port 0 takes any free one. Raises ListenError.

    TLS wants both a certificate and its key (PEM). Raises StoreError too: better now than at the first answer.
    """
    site.open_store().close()
    _Listeners(site, host, port, staff_port, tls_cert, tls_key, council=council).run(announce, _stop_on_signals)


@contextmanager
def running(
    site: Site,
    host: str = "127.0.0.1",
    clock: Callable[[], datetime] | None = None,
    council: CouncilSignOn | None = None,
) -> Iterator[Addresses]:
    """Serve a site from a thread, on free ports, for as long as the block runs. Raises ListenError."""
    listeners = _Listeners(site, host, 0, 0, None, None, clock or _now, council)
    started = threading.Event()
    addresses: list[Addresses] = []

    def announce(resident_url: str, staff_url: str) -> None:
        addresses.append(Addresses(resident_url, staff_url))
        started.set()

    def run() -> None:
        try:
            listeners.run(announce, lambda stop: None)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="pillarbox web")
    thread.start()
    started.wait()
    try:
        if not addresses:
            raise ListenError("The web pages could not be started; the lines above say why.")
        yield addresses[0]
    finally:
        listeners.stop()
        thread.join()


def _now() -> datetime:
    return datetime.now(UTC)


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone: there are two, and each would take the other's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


class _Listeners:
    """The two listening sockets, open from the start, and the servers behind them."""

    def __init__(
        self,
        site: Site,
        host: str,
        port: int,
        staff_port: int,
        tls_cert: Path | None,
        tls_key: Path | None,
        clock: Callable[[], datetime] = _now,
        council: CouncilSignOn | None = None,
    ) -> None:
        _refuse_unusable(tls_cert, tls_key)
        self._scheme = "https" if tls_cert else "http"
        with ExitStack() as opened:
            self._sockets = tuple(opened.enter_context(_listen(host, number)) for number in (port, staff_port))
            opened.pop_all()
        forms = Forms(site)
        apps = (residents_app(site, clock, forms), desk_app(site, clock, forms, council))
        self._servers = tuple(_Server(_configured(app, tls_cert, tls_key)) for app in apps)

    def run(self, announce: Announce, stop_on: Callable[[Callable[[], None]], None]) -> None:
        """Serve until stopped; `stop_on` is given what stops it, and may tie it to signals."""
        stop_on(self.stop)
        asyncio.run(self._serve(announce))

    def stop(self) -> None:
        """Let both servers end after the requests under way."""
        for server in self._servers:
            server.should_exit = True

    async def _serve(self, announce: Announce) -> None:
        serving = [
            asyncio.create_task(server.serve([listening]))
            for server, listening in zip(self._servers, self._sockets, strict=True)
        ]
        while not all(server.started for server in self._servers) and not any(task.done() for task in serving):
            await asyncio.sleep(0.01)
        if all(server.started for server in self._servers):
            announce(*(self._address(listening) for listening in self._sockets))
        await asyncio.gather(*serving)

    def _address(self, listening: socket.socket) -> str:
        host, port = listening.getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
        return f"{self._scheme}://{shown}:{port}"


def _refuse_unusable(tls_cert: Path | None, tls_key: Path | None) -> None:
    if tls_cert is None and tls_key is None:
        return
    if tls_cert is None or tls_key is None:
        raise ListenError("TLS needs both a certificate and its key: give --tls-cert and --tls-key, or neither.")
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(tls_cert, tls_key)
    except OSError as error:
        raise ListenError(f"{tls_cert} and {tls_key} cannot be used together ({error}). Check both files.") from error


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket whose connections send at once.

    Connections inherit it. asyncio asks for it only where a socket names its protocol, which those of `create_server`
    do not; a page, sent as head and body, then waited 40 ms for the browser to acknowledge its head (Nagle, RFC 896).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=512)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        raise ListenError(
            f"Cannot listen on {host} port {port} ({error.strerror}). "
            "Stop what is using it, or choose another with --port and --staff-port."
        ) from error


def _configured(app: ASGIApp, tls_cert: Path | None, tls_key: Path | None) -> uvicorn.Config:
    """Keep no log of who asked for what: no addresses of residents are kept."""
    return uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=LONGEST_GOODBYE,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
    )


def _stop_on_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
