"""Barcodes that others print on their forms: which form, which page, whose copy it is. Read with zxing-cpp and kept."""

from __future__ import annotations

import numpy as np
import zxingcpp

from pipeline.form.layout import Box
from pipeline.page.identify import code_corners
from pipeline.page.measured import Barcode
from pipeline.page.picture import Grey
from pipeline.page.plane import Matrix, mapped
from pipeline.page.smaller import Points

_FEWEST_ITF_DIGITS = 6
"""Interleaved 2 of 5 has no check sum, and shorter ones are made up from ruled lines and shading (ISO/IEC 16390)."""

_KINDS = {
    zxingcpp.BarcodeFormat.Code128: "code128",
    zxingcpp.BarcodeFormat.ITF: "itf",
    zxingcpp.BarcodeFormat.QRCode: "qr",
    zxingcpp.BarcodeFormat.QRCodeModel2: "qr",
    zxingcpp.BarcodeFormat.DataMatrix: "datamatrix",
}

_WANTED = (
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.ITF,
    zxingcpp.BarcodeFormat.QRCodeModel2,
    zxingcpp.BarcodeFormat.DataMatrix,
)
"""What is looked for: of QR codes only model 2, since Micro QR is made up from noise."""


def read_barcodes(grey: Grey, homography: Matrix) -> tuple[Barcode, ...]:
    """Read every barcode in a picture; `homography` maps mm of the paper to its pixels. Each is told once."""
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(list(_WANTED)), try_invert=False)
    to_mm = np.asarray(np.linalg.inv(homography), dtype=np.float64)
    told = {
        (_KINDS[each.format], each.text): _box(mapped(to_mm, code_corners(each.position)))
        for each in found
        if each.format in _KINDS and not _is_made_up(each)
    }
    return tuple(Barcode(kind, text, box) for (kind, text), box in told.items())


def _is_made_up(barcode: zxingcpp.Barcode) -> bool:
    return barcode.format == zxingcpp.BarcodeFormat.ITF and len(barcode.text) < _FEWEST_ITF_DIGITS


def _box(corners: Points) -> Box:
    left, top = corners.min(axis=0).tolist()
    right, bottom = corners.max(axis=0).tolist()
    return Box(round(left, 1), round(top, 1), round(right - left, 1), round(bottom - top, 1))
