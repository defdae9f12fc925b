"""PDF: opened strictly, and each page as the one picture a scanner put there, or drawn at 300 dpi.

Two libraries share the work: qpdf (pikepdf) judges, because it can be told not to repair; pdfium (pypdfium2) sees,
because it knows where on the page each object lands. Both alone would hand over half a page: pdfium draws what it
can of a damaged picture and leaves the rest white. Source: ISO 32000-2.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from math import hypot
from typing import Final

import cv2
import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray
from pikepdf import Name

from pipeline.inbox.trouble import OpeningError, Reason
from pipeline.page import jpeg
from pipeline.page.content import RENDER_DPI, Content, as_file
from pipeline.page.pdf_pictures import WholePicture, check_decodes, checked, is_plain, pictures_of
from pipeline.page.picture import PageImage, is_fine_enough_to_halve, plausible_dpi, rows_in_place

START: Final = b"%PDF-"
START_WITHIN: Final = 1024
"""Readers accept the header within so many bytes, the end mark too (PDF Reference 1.7, appendix H, notes 13, 18)."""

_END: Final = b"%%EOF"
_END_WITHIN: Final = 1024
_LINEARISED: Final = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,19})")

_HARMLESS_WARNING: Final = re.compile(
    "a common error handled correctly"
    "|dictionary has duplicated key"
    "|expected endobj"
    "|name with stray # will not work"
    "|is not one plus the highest object number"
    "|input stream is complete but output may still be valid"
)
"""Notes of qpdf on what costs nothing; the last is about compressed samples, which are counted besides."""

_STREAM_NAME: Final = re.compile(r"^stream <[^>]*>:? ?")
"""How qpdf names a document read from memory, at the head of each message."""

_OUT_OF_MEMORY: Final = "std::bad_alloc"
"""How qpdf reports a few bytes that unfold to gigabytes, where a worker's limit stops them."""

LONGEST_DRAWN_PX: Final = 4961
"""The long side of A3 at 300 dpi, in pixels."""

_PAGES_IN_SIGHT: Final = 8
"""Pages after which pdfium is made to open the file anew: it keeps every picture it has come across, 1 MB a page."""

_POINTS_PER_INCH: Final = 72

_COVERS: Final = 0.8
"""Share of the page a picture must cover to be the page. Scanners that fit to A4 leave a white rim."""

_ASKEW: Final = 0.005
"""Shear, as a share of the side, above which a picture is not simply upright or turned by a right angle."""

_GREY_OR_RGB: Final = frozenset(
    {
        pdfium_c.FPDF_COLORSPACE_DEVICEGRAY,
        pdfium_c.FPDF_COLORSPACE_DEVICERGB,
        pdfium_c.FPDF_COLORSPACE_CALGRAY,
        pdfium_c.FPDF_COLORSPACE_CALRGB,
        pdfium_c.FPDF_COLORSPACE_ICCBASED,
    }
)

_INVISIBLE_TEXT: Final = 3
"""Text render mode of the words a scanner's own reading hides behind the picture (ISO 32000-2, table 104)."""


def check_complete(content: Content) -> tuple[int, bool]:
    """Check that the file opens without repair and ends as a PDF does; its number of pages, and whether it has fields.

    One whose pages are made by the program that shows it (XFA) has none of its own.
    """
    _check_ends(content)
    with _judging(), _strictly_opened(content) as document:
        for _ in document.objects:
            pass  # qpdf reads each object now, and notes what it finds wrong with it
        _check_unrepaired(document)
        if document.Root.get(Name.NeedsRendering, False):
            raise OpeningError(Reason.DRAWN_BY_PROGRAM, "an XFA form without pages of its own")
        return len(document.pages), _has_fields(document)


def _has_fields(document: pikepdf.Pdf) -> bool:
    form = document.Root.get(Name.AcroForm)
    fields = form.get(Name.Fields) if isinstance(form, pikepdf.Dictionary) else None
    return isinstance(fields, pikepdf.Array) and len(fields) > 0


class OpenPdf:
    """A PDF laid open, whose pages are taken out one by one. One that raised OpeningError is to be closed."""

    def __init__(self, content: Content) -> None:
        _check_ends(content)
        self._content = content
        with _judging():
            self._judged = _strictly_opened(content)
        self._seen: pdfium.PdfDocument | None = None
        self._pages_seen = 0

    def page(self, index: int) -> PageImage:
        """Page `index` (from 0), every picture on it checked to be whole first."""
        with _judging():
            pictures = self._whole_pictures(index)
            with closing(self._sight()[index]) as page:
                return _picture_of(page, pictures)

    def half(self, index: int) -> PageImage | None:
        """The same page at half its size; None where it is no JPEG, or too coarse for that."""
        with _judging():
            pictures = self._whole_pictures(index)
            with closing(self._sight()[index]) as page:
                return _half_of(page, pictures)

    def close(self) -> None:
        """Let go of the file."""
        self._close_sight()
        self._judged.close()

    def _sight(self) -> pdfium.PdfDocument:
        """The document for the next page, opened anew now and then to let go of what pdfium keeps of each."""
        if self._pages_seen % _PAGES_IN_SIGHT == 0:
            self._close_sight()
        self._pages_seen += 1
        self._seen = self._seen or _as_seen(self._content)
        return self._seen

    def _close_sight(self) -> None:
        if self._seen is not None:
            self._seen.close()
            self._seen = None

    def _whole_pictures(self, index: int) -> list[WholePicture]:
        if index >= len(self._judged.pages):
            raise OpeningError(Reason.NO_PAGES, f"the PDF has no page {index}")
        pictures = pictures_of(self._judged, self._judged.pages[index])
        whole = [checked(picture) for picture in pictures]
        _check_unrepaired(self._judged)
        return whole


def _picture_of(page: pdfium.PdfPage, pictures: Sequence[WholePicture]) -> PageImage:
    """The page's one picture as it was stored, or the page drawn. What is drawn has to decode to its end first."""
    sole = _sole_plain_picture(page, pictures)
    if sole is not None and pictures[0].jpeg is not None and _is_plain_jpeg(sole):
        return _take(sole, jpeg.decode_grey(pictures[0].jpeg), page, bitonal=False)
    for picture in pictures:
        check_decodes(picture)
    if sole is not None:
        bitonal = sole.get_metadata().bits_per_pixel == 1
        return _take(sole, _grey(sole.get_bitmap().to_numpy()), page, bitonal=bitonal)
    return _draw(page)


def _half_of(page: pdfium.PdfPage, pictures: Sequence[WholePicture]) -> PageImage | None:
    """The page's one picture decoded at half its size, if it is a JPEG fine enough."""
    sole = _sole_plain_picture(page, pictures)
    if sole is None or pictures[0].jpeg is None or not _is_plain_jpeg(sole):
        return None
    width, height = jpeg.size_of(pictures[0].jpeg)
    fine = is_fine_enough_to_halve(plausible_dpi(_dpi(sole, width, height), width, height))
    if not fine or not jpeg.pairs_up(width, height, is_upright=_is_upright(sole, page)):
        return None
    return _take(sole, jpeg.decode_half(pictures[0].jpeg), page, bitonal=False)


def _check_ends(content: Content) -> None:
    """A PDF says where its table is, then `%%EOF`; one laid out for the web says at the front how long it is."""
    end = content.rfind(_END)
    if end < 0 or len(content[end:].rstrip(b"\0\t\n\f\r ")) > _END_WITHIN:
        raise OpeningError(Reason.CUT_SHORT, "the PDF has no end mark")
    linearised = _LINEARISED.search(content[:START_WITHIN])
    if linearised and int(linearised[1]) > len(content):
        raise OpeningError(Reason.CUT_SHORT, f"the PDF says it has {int(linearised[1])} bytes, {len(content)} are here")


def _check_unrepaired(document: pikepdf.Pdf) -> None:
    """Refuse a document in which qpdf had to leave out or guess anything, even when told not to repair."""
    for warning in document.get_warnings():
        if not _HARMLESS_WARNING.search(warning):
            raise _damaged(warning)


def _strictly_opened(content: Content) -> pikepdf.Pdf:
    """The document without any repair."""
    return pikepdf.open(as_file(content), attempt_recovery=False, suppress_warnings=True)


@contextmanager
def _judging() -> Iterator[None]:
    """What qpdf cannot read without repair makes the file unreadable."""
    try:
        yield
    except pikepdf.PasswordError as error:
        raise OpeningError(Reason.PASSWORD, "the PDF cannot be opened without its password") from error
    except pikepdf.PdfError as error:
        raise _damaged(str(error)) from error


def _damaged(complaint: str) -> OpeningError:
    """What qpdf says, without the name it gives to a document read from memory."""
    reason = Reason.TOO_MUCH_MEMORY if _OUT_OF_MEMORY in complaint else Reason.UNREADABLE
    return OpeningError(reason, f"the PDF is damaged: {_STREAM_NAME.sub('', complaint)}")


def _as_seen(content: Content) -> pdfium.PdfDocument:
    """The document as pdfium shows it, with the fields of a fillable form filled in."""
    try:
        document = pdfium.PdfDocument(as_file(content), autoclose=True)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower()
        raise OpeningError(Reason.PASSWORD if locked else Reason.UNREADABLE, f"pdfium: {error}") from error
    if document.get_formtype() == pdfium_c.FORMTYPE_ACRO_FORM:
        document.init_forms()
    return document


def _sole_plain_picture(page: pdfium.PdfPage, pictures: Sequence[WholePicture]) -> pdfium.PdfImage | None:
    return _sole_picture(page) if len(pictures) == 1 and is_plain(pictures[0].stream) else None


def _sole_picture(page: pdfium.PdfPage) -> pdfium.PdfImage | None:
    """The one picture that covers the page, if nothing else on the page can be seen."""
    if pdfium_c.FPDFPage_GetAnnotCount(page) > 0:
        return None
    pictures = []
    for thing in page.get_objects(max_depth=1):
        if isinstance(thing, pdfium.PdfImage):
            pictures.append(thing)
        elif not _is_invisible_text(thing):
            return None
    if len(pictures) != 1 or not _covers(pictures[0], page) or _is_askew(pictures[0].get_matrix()):
        return None
    return pictures[0]


def _is_invisible_text(thing: pdfium.PdfObject) -> bool:
    if thing.type != pdfium_c.FPDF_PAGEOBJ_TEXT:
        return False
    return int(pdfium_c.FPDFTextObj_GetTextRenderMode(thing)) == _INVISIBLE_TEXT


def _covers(picture: pdfium.PdfImage, page: pdfium.PdfPage) -> bool:
    """Whether the picture covers nearly all of what the page shows."""
    left, bottom, right, top = page.get_cropbox()
    x0, y0, x1, y1 = picture.get_bounds()
    shown = max(0.0, min(right, x1) - max(left, x0)) * max(0.0, min(top, y1) - max(bottom, y0))
    return bool(shown >= _COVERS * (right - left) * (top - bottom) > 0)


def _is_askew(placed: pdfium.PdfMatrix) -> bool:
    """Whether the picture is placed any other way than upright, mirrored or turned by right angles."""
    upright = max(abs(placed.b), abs(placed.c)) <= _ASKEW * max(abs(placed.a), abs(placed.d))
    turned = max(abs(placed.a), abs(placed.d)) <= _ASKEW * max(abs(placed.b), abs(placed.c))
    return not (upright or turned)


def _take(picture: pdfium.PdfImage, stored: NDArray[np.uint8], page: pdfium.PdfPage, *, bitonal: bool) -> PageImage:
    """The picture itself, pixel for pixel from `stored` (height, width), turned as the page shows it."""
    placed = picture.get_matrix()
    dpi = _dpi(picture, stored.shape[1], stored.shape[0])
    sideways = abs(placed.b) > abs(placed.a)
    if sideways != (page.get_rotation() % 180 == 90):
        dpi = dpi[::-1]
    grey = rows_in_place(np.rot90(_placed(stored, placed), -page.get_rotation() // 90))
    return PageImage(grey, plausible_dpi(dpi, grey.shape[1], grey.shape[0]), bitonal)


def _dpi(picture: pdfium.PdfImage, width: int, height: int) -> tuple[float, float]:
    """The resolution along the rows and columns of a picture of that many pixels, placed where this one is."""
    placed = picture.get_matrix()
    return (
        width * _POINTS_PER_INCH / hypot(placed.a, placed.b),
        height * _POINTS_PER_INCH / hypot(placed.c, placed.d),
    )


def _is_upright(picture: pdfium.PdfImage, page: pdfium.PdfPage) -> bool:
    """Whether the page shows the picture as it is stored, neither turned nor mirrored."""
    placed = picture.get_matrix()
    return bool(page.get_rotation() == 0 and placed.a > abs(placed.b) and placed.d > abs(placed.c))


def _is_plain_jpeg(picture: pdfium.PdfImage) -> bool:
    """Whether the picture is a JPEG and nothing else, in colours libjpeg-turbo turns to grey by itself."""
    return picture.get_filters() == ["DCTDecode"] and picture.get_metadata().colorspace in _GREY_OR_RGB


def _placed(grey: NDArray[np.uint8], placed: pdfium.PdfMatrix) -> NDArray[np.uint8]:
    """The picture turned and mirrored as its matrix says; y runs upwards in a PDF, downwards in an array."""
    if abs(placed.b) > abs(placed.a):
        return grey.T[:: -1 if placed.b > 0 else 1, :: -1 if placed.c > 0 else 1]
    return grey[:: 1 if placed.d > 0 else -1, :: 1 if placed.a > 0 else -1]


def _draw(page: pdfium.PdfPage) -> PageImage:
    """The page drawn by pdfium at 300 dpi, or as fine as a page of A3 where it claims to be a poster.

    Scanning apps often write one point for each pixel, which makes a sheet of A4 almost a metre wide.
    """
    longest = max(page.get_size())
    if min(page.get_size()) <= 0:
        raise OpeningError(Reason.UNREADABLE, "the page has no size")
    scale = min(RENDER_DPI / _POINTS_PER_INCH, LONGEST_DRAWN_PX / longest)
    grey = _grey(page.render(scale=scale, grayscale=True).to_numpy())
    dpi = scale * _POINTS_PER_INCH
    return PageImage(grey, plausible_dpi((dpi, dpi), grey.shape[1], grey.shape[0]), bitonal=False)


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A copy in grey of pdfium's pixels, (h, w) or (h, w, 3 or 4) with blue first; the bitmap may then be closed."""
    if pixels.ndim == 2 or pixels.shape[2] == 1:
        return pixels.reshape(pixels.shape[:2]).copy()
    code = cv2.COLOR_BGR2GRAY if pixels.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)
