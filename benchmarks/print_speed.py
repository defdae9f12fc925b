"""How fast copies are printed: processor time a sheet of 10,000 copies of two pages, each with a code of its own.

`pillarbox print` is run as anybody would run it, on the form that takes one sheet, both sides; each copy is put on
record. An argument sets how many copies. Linux only.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.speed.runs import cores, pillarbox

COPIES = 10_000
FORM = Path(__file__).parent.parent / "forms" / "library-visit.yaml"


def main(copies: int) -> None:
    """Run the benchmark; the last line is one JSON object."""
    with tempfile.TemporaryDirectory() as folder:
        site, target = Path(folder), Path(folder, "printed.pdf")
        (site / "forms").mkdir()
        shutil.copy(FORM, site / "forms")
        ran = pillarbox(["--site", site, "print", FORM.stem, "-n", str(copies), "-o", target], cores())
        print(ran.told.strip())
        figures = {
            "cpu_ms_per_sheet": round(1000 * ran.spent.cpu_s / copies, 2),
            "copies": copies,
            "pages_per_copy": 2,
            "bytes_per_sheet": target.stat().st_size // copies,
            "peak_mb": round(ran.peak_mb),
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else COPIES)
