"""What comes out of the printer: the pages of a PDF file as grey pictures to write on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pypdfium2

from pipeline.form.layout import Layout
from pipeline.practice.pens import Grey

_POINTS_PER_INCH, _MM_PER_INCH = 72, 25.4


def printed_pages(pdf: bytes, dpi: int = 300) -> Iterator[Grey]:
    """Yield each page of `pdf` as a grey array of the whole paper, `dpi` / 25.4 pixels per millimetre."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            bitmap = page.render(scale=dpi / _POINTS_PER_INCH, grayscale=True)
            yield np.array(bitmap.to_numpy(), dtype=np.uint8).reshape(bitmap.height, bitmap.width)
            bitmap.close()
            page.close()


def handed_out(pages: Iterable[Grey], layout: Layout, dpi: int) -> Iterator[Grey]:
    """Yield pages as residents get them: cards cut from their sheets, of which only the first is taken."""
    for page in pages:
        if layout.sheet is None:
            yield page
        else:
            wide, high = (round(side * dpi / _MM_PER_INCH) for side in layout.paper_mm)
            yield np.ascontiguousarray(page[:high, :wide])
