"""The suite reaches no outside address, so a green run is a run with the cable pulled out."""

import socket
import subprocess
import sys

import pytest

OUTSIDE = "192.0.2.1"  # reserved for documentation (RFC 5737), so no machine of anybody's
OUTSIDE_V6 = "2001:db8::1"  # likewise (RFC 3849)


@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, OUTSIDE), (socket.AF_INET6, OUTSIDE_V6)], ids=["IPv4", "IPv6"]
)
def test_an_outside_connection_is_refused(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as connection, pytest.raises(RuntimeError, match="no outside address"):
        connection.connect((address, 80))


def test_an_outside_datagram_is_refused() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        pytest.raises(RuntimeError, match="no outside address"),
    ):
        datagrams.sendto(b"", (OUTSIDE, 53))


def test_an_outside_name_is_not_looked_up() -> None:
    with pytest.raises(RuntimeError, match="no outside address"):
        socket.getaddrinfo("council.example", 443)


def test_the_rule_reaches_child_processes() -> None:
    child = subprocess.run(
        [sys.executable, "-c", f"import socket; socket.create_connection(({OUTSIDE!r}, 80), timeout=1)"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no outside address" in child.stderr


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
