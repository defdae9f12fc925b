"""Keep the tests, and every Python they start, on this machine, as if the network cable were pulled out.

An audit hook sees each connection attempt of this process, from whatever library, and cannot be taken off
again. Python imports a module of this name at its start, so having this folder on PYTHONPATH carries the rule
to children.
"""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = {None, "", b"", "localhost", b"localhost"}


def is_local(host: Any) -> bool:
    """Whether a host name or address means this machine."""
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse_outside_connections(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise RuntimeError on reaching, or looking up, anything but this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"} and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not is_local(host):
        raise RuntimeError(f"The tests reach no outside address, and something asked for {host!r}.")


sys.addaudithook(refuse_outside_connections)
