"""Both listeners in one process: they say where they are, answer apart, and stop when told."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from webpages import make_site

from pipeline.web import server
from pipeline.web.server import ListenError, running, serve

PROGRAM = """
import sys
from pathlib import Path
from pipeline.site import open_site
from pipeline.web import server
from pipeline.web.server import serve

if __name__ == "__main__":
    serve(open_site(Path(sys.argv[1])), "127.0.0.1", 0, 0, None, None, lambda *urls: print(*urls, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_serves_both_and_ends_when_told(tmp_path: Path, number: signal.Signals) -> None:
    site = make_site(tmp_path / "site")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen([sys.executable, str(program), str(site.root)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        residents, staff = process.stdout.readline().split()
        assert "Every kind" in httpx.get(f"{residents}/f/every-kind?lang=en").text
        assert httpx.get(f"{residents}/sign-in").status_code == 404
        assert httpx.get(f"{staff}/f/every-kind").status_code == 404
        assert "Nobody can sign in yet" in httpx.get(f"{staff}/sign-in").text
        process.send_signal(number)
        assert process.wait(20) == 0


def test_a_port_in_use_is_said_in_words(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for ports in ((taken.getsockname()[1], 0), (0, taken.getsockname()[1])):
            with pytest.raises(ListenError, match="Stop what is using it"):
                serve(site, "127.0.0.1", *ports, None, None, lambda *urls: None)


def test_a_certificate_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    site = make_site(tmp_path / "site")
    with pytest.raises(ListenError, match="--tls-key"):
        serve(site, "127.0.0.1", 0, 0, tmp_path / "cert.pem", None, lambda *urls: None)
    with pytest.raises(ListenError, match="Check both files"):
        serve(site, "127.0.0.1", 0, 0, tmp_path / "cert.pem", tmp_path / "key.pem", lambda *urls: None)


def test_a_page_is_not_kept_waiting_for_the_browser_to_acknowledge_its_head(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ordinary:
        assert not ordinary.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    with server._listen("127.0.0.1", 0) as ours, socket.create_connection(ours.getsockname()):
        connection, _ = ours.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_two_sites_may_run_side_by_side(tmp_path: Path) -> None:
    with running(make_site(tmp_path / "one")) as one, running(make_site(tmp_path / "two")) as two:
        assert len({*one, *two}) == 4
        assert httpx.get(one.resident_url).status_code == httpx.get(two.resident_url).status_code == 200
