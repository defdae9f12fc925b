"""Whether a folder lies on a network share, where SQLite's locks do not hold and a power cut can lose what was kept."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

NETWORK_KINDS = frozenset({"afpfs", "cifs", "fuse.sshfs", "nfs", "nfs4", "smb3", "smbfs"})
"""Kinds of file system that are another machine's disk, as Linux calls them."""

_MOUNTS = Path("/proc/self/mountinfo")


def is_on_network(path: Path) -> bool:
    """Whether `path` lies on a network share, as far as this system tells: Linux by its mounts, Windows by the name."""
    if str(path).startswith("\\\\"):
        return True
    try:
        mounts = _MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return kind_of_mount(PurePosixPath(path.resolve()), mounts) in NETWORK_KINDS


def kind_of_mount(path: PurePosixPath, mounts: str) -> str:
    """Return the kind of file system that `path` is on, by the text of `/proc/self/mountinfo` (proc(5)); "" if none."""
    found = PurePosixPath("/"), ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:
            continue
        point = PurePosixPath(fields[4].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= len(found[0].parts):
            found = point, after.split()[0]
    return found[1]
