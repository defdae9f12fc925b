"""What comes out of the printer: the pages of a PDF file as grey pictures to write on."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pypdfium2

from pipeline.practice.pens import Grey

_POINTS_PER_INCH = 72


def printed_pages(pdf: bytes, dpi: int = 300) -> Iterator[Grey]:
    """Yield each page of `pdf` as a grey array of the whole paper, `dpi` / 25.4 pixels per millimetre."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            bitmap = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
            yield np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
            bitmap.close()
            page.close()
