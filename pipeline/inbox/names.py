"""What things in the inbox are called: never scans, our own folders and notes, and the desk a folder stands for."""

import os
from pathlib import PurePosixPath
from typing import Final

CLAIMED: Final = ".claimed"
"""The hidden folder beside a file into which it is renamed while we work on it."""

SET_ASIDE: Final = "set-aside"
"""The folder within the inbox where people find what could not be read."""

NOTE_SUFFIX: Final = ".why.txt"
"""What the name of a note ends with: the rest is the name of the file it lies beside."""

_IGNORED_NAMES: Final = frozenset({"thumbs.db", "desktop.ini", "readme.md", "readme.txt"})
_IGNORED_STARTS: Final = (".", "~$")
_IGNORED_ENDS: Final = (".part", ".partial", ".tmp", ".crdownload", ".filepart", NOTE_SUFFIX)

_LONGEST_NAME_BYTES: Final = 200
"""Most file systems allow a name of 255 bytes; ours put up to 41 around the scanner's."""


def is_ignored(name: str) -> bool:
    """Whether a file of this name is never a scan: hidden, half-written, made by a file manager, or our own note."""
    lowered = name.lower()
    return lowered in _IGNORED_NAMES or lowered.startswith(_IGNORED_STARTS) or lowered.endswith(_IGNORED_ENDS)


def shortened(name: str) -> str:
    """The name, or its end where it is too long to have something put before or after it."""
    return os.fsdecode(os.fsencode(name)[-_LONGEST_NAME_BYTES:])


def desk_of(name: str) -> str:
    """The desk or library a file came from, by the folder of the inbox it lay in; empty where it lay in none."""
    folders = PurePosixPath(name).parts[:-1]
    return folders[0] if folders else ""


def told(name: str) -> str:
    """A file's name as it can be written down: old scanners and shares make names that are no text at all."""
    return name.encode(errors="replace").decode()
