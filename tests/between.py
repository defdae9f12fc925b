"""What may stand between a browser and the server: it passes everything on, and does harm where a test asks for it."""

import http.client
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import monotonic
from urllib.parse import urlsplit

WAIT_S = 3
"""What is said to be the wait while busy."""


class Between(ThreadingHTTPServer):
    """A proxy for one server. `lose_answers` of posts the server has dealt with, be `busy` for so many posts, or let
    what is posted wait until `free` is set."""

    daemon_threads = True

    def __init__(self, server_url: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.server = urlsplit(server_url).netloc
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.lose_answers = False
        self.busy = 0
        self.free = Event()
        self.free.set()
        self.posts: list[float] = []


class _Passing(BaseHTTPRequestHandler):
    server: Between

    def do_GET(self) -> None:
        self._answer(self._passed_on(None))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posts.append(monotonic())
        if self.server.busy:
            self.server.busy -= 1
            self._answer((429, [("Retry-After", str(WAIT_S))], b'{"errors": []}'))
            return
        self.server.free.wait(60)
        answer = self._passed_on(body)
        if not self.server.lose_answers:
            self._answer(answer)

    def _passed_on(self, body: bytes | None) -> tuple[int, list[tuple[str, str]], bytes]:
        with closing(http.client.HTTPConnection(self.server.server)) as upstream:
            upstream.request(self.command, self.path, body, dict(self.headers))
            answer = upstream.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _answer(self, answer: tuple[int, list[tuple[str, str]], bytes]) -> None:
        status, headers, body = answer
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def between(server_url: str) -> Iterator[Between]:
    """Stand before a server for as long as the block runs."""
    with Between(server_url) as proxy:
        thread = Thread(target=proxy.serve_forever)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
