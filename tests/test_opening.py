"""Files become pages: every kind a scanner writes, whole or not at all."""

import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random
from zlib import compress, crc32

import numpy as np
import pikepdf
import pypdfium2
import pytest
from numpy.typing import NDArray
from pikepdf import Name
from PIL import Image, ImageChops, ImageDraw

from pipeline.inbox.trouble import Reason, SetAside, sentences
from pipeline.page import jpeg
from pipeline.page.ccitt import FaxStrip, check_rows
from pipeline.page.content import FileFacts, Kind
from pipeline.page.image import OpenFile, PageImage, inspect, open_page
from pipeline.page.picture import plausible_dpi, rows_in_place
from pipeline.store.originals import inspect_original, page_of_original

WIDTH, HEIGHT = 413, 585
DPI = 50
CUTS = 200


def drawn(number: int = 1) -> Image.Image:
    """A form-like page in grey, down to its last row, with no two sides alike."""
    page = Image.new("L", (WIDTH, HEIGHT), 250)
    pen = ImageDraw.Draw(page)
    pen.text((20, 12), f"Library visit, page {number}", fill=0)
    for row in range(24):
        top = 40 + row * 22
        pen.rectangle((30 + number, top, 44 + number, top + 14), outline=60)
        pen.text((60, top), f"A choice to tick {row * number}", fill=20)
        if row % 3 == 0:
            pen.line((30, top, 48, top + 16), fill=30, width=2)
    pen.line((0, HEIGHT - 1, WIDTH // 2, HEIGHT - 1), fill=0)
    return page


def bitonal(number: int = 1) -> Image.Image:
    return drawn(number).point(lambda shade: 255 if shade > 128 else 0).convert("1")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, dpi=(DPI, DPI), **options)
    return file.getvalue()


def tiff(*pages: Image.Image, compression: str) -> bytes:
    return saved(pages[0], "TIFF", compression=compression, save_all=True, append_images=pages[1:])


def pdf(*pictures: tuple[bytes, dict[str, object]], content: bytes | None = None, rotate: int = 0) -> bytes:
    """A PDF like a scanner's: on each page one picture, given as its coded bytes and its dictionary."""
    document = pikepdf.new()
    size = (WIDTH * 72 / DPI, HEIGHT * 72 / DPI)
    for coded, entries in pictures:
        page = document.add_blank_page(page_size=size)
        picture = pikepdf.Stream(document, coded)
        described = {"Width": WIDTH, "Height": HEIGHT, "BitsPerComponent": 8, "ColorSpace": Name.DeviceGray}
        for key, value in {"Type": Name.XObject, "Subtype": Name.Image, **described, **entries}.items():
            picture[f"/{key}"] = value
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=picture))
        drawing = content or b"q %f 0 0 %f 0 0 cm /Im0 Do Q" % size
        page.Contents = pikepdf.Stream(document, drawing)
        if rotate:
            page.Rotate = rotate
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def jpeg_picture(number: int = 1, **options: object) -> tuple[bytes, dict[str, object]]:
    return saved(drawn(number), "JPEG", quality=85, **options), {"Filter": Name.DCTDecode}


def fax_strip(image: Image.Image) -> bytes:
    """The page in T.6, black as 0 as TIFF and `/BlackIs1 false` have it."""
    with Image.open(BytesIO(tiff(image, compression="group4"))) as written:
        offsets, counts = written.tag_v2[273], written.tag_v2[279]
    data = tiff(image, compression="group4")
    assert len(offsets) == 1
    return data[offsets[0] : offsets[0] + counts[0]]


def fax_picture(number: int = 1) -> tuple[bytes, dict[str, object]]:
    parameters = pikepdf.Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=True)
    entries = {"Filter": Name.CCITTFaxDecode, "DecodeParms": parameters, "BitsPerComponent": 1}
    return fax_strip(bitonal(number)), entries


def samples_picture(number: int = 1) -> tuple[bytes, dict[str, object]]:
    return compress(np.asarray(drawn(number)).tobytes()), {"Filter": Name.FlateDecode}


def jpeg_2000_picture(number: int = 1) -> tuple[bytes, dict[str, object]]:
    file = BytesIO()
    drawn(number).save(file, "JPEG2000", irreversible=True, quality_layers=[20], tile_size=(256, 256))
    return file.getvalue(), {"Filter": Name.JPXDecode}


def jbig2_picture(number: int = 1) -> tuple[bytes, dict[str, object]]:
    """A page of JBIG2 with one region in T.6, which it may be (ITU-T T.88: 7.4.8 page, 7.4.6 generic region)."""
    size = WIDTH.to_bytes(4) + HEIGHT.to_bytes(4)
    segments = [
        (48, size + bytes(8) + b"\0\0\0"),
        (38, size + bytes(9) + b"\1" + fax_strip(ImageChops.invert(bitonal(number)))),
    ]
    coded = b"".join(
        nth.to_bytes(4) + bytes([kind, 0, 1]) + len(content).to_bytes(4) + content
        for nth, (kind, content) in enumerate(segments)
    )
    return coded, {"Filter": Name.JBIG2Decode, "BitsPerComponent": 1}


def page_of(data: bytes, index: int = 0) -> PageImage:
    opened = open_page(data, index)
    assert isinstance(opened, PageImage), opened
    return opened


def pages_of(data: bytes) -> list[NDArray[np.uint8]]:
    facts = inspect(data)
    assert isinstance(facts, FileFacts), facts
    return [page_of(data, index).grey for index in range(facts.pages)]


def reason_of(data: bytes) -> Reason | None:
    """Why the file or its first refused page is set aside; None if all of it is read."""
    facts = inspect(data)
    if isinstance(facts, SetAside):
        return facts.reason
    opened = (open_page(data, index) for index in range(facts.pages))
    return next((page.reason for page in opened if isinstance(page, SetAside)), None)


WHOLE_FILES: dict[str, Callable[[], bytes]] = {
    "PDF with JPEG": lambda: pdf(jpeg_picture(1), jpeg_picture(2)),
    "PDF with progressive JPEG": lambda: pdf(jpeg_picture(progressive=True)),
    "PDF with fax coding": lambda: pdf(fax_picture(1), fax_picture(2)),
    "PDF with deflated samples": lambda: pdf(samples_picture()),
    "PDF with JPEG 2000": lambda: pdf(jpeg_2000_picture()),
    "PDF with JBIG2": lambda: pdf(jbig2_picture()),
    "JPEG": lambda: saved(drawn(), "JPEG"),
    "colour JPEG": lambda: saved(drawn().convert("RGB"), "JPEG"),
    "progressive JPEG": lambda: saved(drawn(), "JPEG", progressive=True),
    "PNG": lambda: saved(drawn(), "PNG"),
    "bilevel PNG": lambda: saved(bitonal(), "PNG"),
    "TIFF with T.6, three pages": lambda: tiff(*map(bitonal, (1, 2, 3)), compression="group4"),
    "TIFF with T.4": lambda: tiff(bitonal(1), bitonal(2), compression="group3"),
    "TIFF with LZW": lambda: tiff(drawn(1), drawn(2), compression="tiff_lzw"),
    "TIFF with Deflate": lambda: tiff(drawn(), compression="tiff_adobe_deflate"),
    "TIFF with PackBits": lambda: tiff(drawn(), compression="packbits"),
    "TIFF with JPEG": lambda: tiff(drawn(), drawn(2), compression="jpeg"),
    "uncompressed TIFF": lambda: tiff(drawn(), compression="raw"),
}


@pytest.fixture(params=WHOLE_FILES)
def whole(request: pytest.FixtureRequest) -> bytes:
    return WHOLE_FILES[request.param]()


def test_every_kind_of_file_gives_the_drawn_page(whole: bytes) -> None:
    page = page_of(whole)
    shown = np.asarray((bitonal() if page.bitonal else drawn()).convert("L")).astype(int)
    assert page.grey.shape == (HEIGHT, WIDTH)
    assert np.abs(page.grey - shown).mean() < 3
    assert page.dpi == pytest.approx((DPI, DPI), abs=0.5)


def test_a_file_cut_anywhere_is_set_aside_or_has_lost_nothing(whole: bytes) -> None:
    pages = pages_of(whole)
    random = Random(len(whole))
    ends = [len(whole) - lost for lost in range(1, 21)] + [random.randrange(len(whole)) for _ in range(CUTS - 20)]
    for end in ends:
        cut = whole[:end]
        if reason_of(cut) is None:
            assert all(np.array_equal(*pair) for pair in zip(pages, pages_of(cut), strict=True)), end


@pytest.mark.parametrize("kind", sorted(WHOLE_FILES.keys() - {"uncompressed TIFF"}))
def test_a_file_whose_end_was_never_filled_in_is_set_aside_or_has_lost_nothing(kind: str) -> None:
    """Copying to a network share can make the file in full length first; then the rest of it is zeros.

    Without compression zeros are a picture, black or white, so there this cannot be seen.
    """
    whole = WHOLE_FILES[kind]()
    pages = pages_of(whole)
    random = Random(len(whole))
    for end in (random.randrange(len(whole)) for _ in range(CUTS // 2)):
        holed = whole[:end] + bytes(len(whole) - end)
        if reason_of(holed) is None:
            assert all(np.array_equal(*pair) for pair in zip(pages, pages_of(holed), strict=True)), end


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_rows": 4}])
def test_a_jpeg_that_was_cut_and_then_closed_is_not_read(options: dict[str, object]) -> None:
    coded = saved(drawn(), "JPEG", **options)
    random = Random(7)
    for end in (random.randrange(len(coded) // 3, len(coded) - 4) for _ in range(CUTS)):
        assert reason_of(coded[:end] + b"\xff\xd9") is not None, end
        assert reason_of(pdf((coded[:end] + b"\xff\xd9", {"Filter": Name.DCTDecode}))) is not None, end


@pytest.mark.parametrize("picture", [jpeg_picture, fax_picture, samples_picture, jpeg_2000_picture, jbig2_picture])
def test_a_picture_cut_before_it_was_put_into_a_pdf_is_not_read(
    picture: Callable[[], tuple[bytes, dict[str, object]]],
) -> None:
    coded, entries = picture()
    whole_page = page_of(pdf((coded, entries))).grey
    random = Random(11)
    for end in (random.randrange(len(coded)) for _ in range(60)):
        opened = open_page(pdf((coded[:end], entries)), 0)
        assert isinstance(opened, SetAside) or np.array_equal(opened.grey, whole_page), end


def test_a_cut_picture_on_a_page_that_must_be_drawn_is_not_read() -> None:
    coded, entries = jpeg_picture()
    closed_early = coded[: len(coded) // 2] + b"\xff\xd9"
    content = b"q 200 0 0 300 50 50 cm /Im0 Do Q 0 0 m 100 100 l S"
    assert reason_of(pdf((coded, entries), content=content)) is None
    assert reason_of(pdf((closed_early, entries), content=content)) is Reason.CUT_SHORT


def test_a_page_of_strips_is_drawn_and_not_read_if_one_of_them_is_cut() -> None:
    document = pikepdf.new()
    page = document.add_blank_page(page_size=(WIDTH, 2 * HEIGHT))
    halves = {}
    for name, number in (("Top", 1), ("Bottom", 2)):
        coded, entries = jpeg_picture(number)
        picture = pikepdf.Stream(document, coded, Width=WIDTH, Height=HEIGHT, **entries)
        picture.Subtype, picture.ColorSpace, picture.BitsPerComponent = Name.Image, Name.DeviceGray, 8
        halves[f"/{name}"] = picture
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(halves))
    drawing = b"q %d 0 0 %d 0 %d cm /Top Do Q q %d 0 0 %d 0 0 cm /Bottom Do Q"
    page.Contents = pikepdf.Stream(document, drawing % (WIDTH, HEIGHT, HEIGHT, WIDTH, HEIGHT))
    whole, cut = BytesIO(), BytesIO()
    document.save(whole)
    assert page_of(whole.getvalue()).dpi == (300, 300)
    halves["/Bottom"].write(jpeg_picture(2)[0][:2000] + b"\xff\xd9", filter=Name.DCTDecode)
    document.save(cut)
    assert reason_of(cut.getvalue()) is Reason.CUT_SHORT


def test_a_picture_written_into_the_content_of_a_page_is_checked_too() -> None:
    samples = compress(np.asarray(drawn()).tobytes())
    placed = b"q 594.72 0 0 842.4 0 0 cm BI /W %d /H %d /BPC 8 /CS /G /F /Fl ID %s EI Q"
    whole = pdf(jpeg_picture(), content=placed % (WIDTH, HEIGHT, samples))
    assert np.array_equal(page_of(whole).grey, np.asarray(drawn()))
    cut = pdf(jpeg_picture(), content=placed % (WIDTH, HEIGHT, compress(np.asarray(drawn()).tobytes()[:-5000])))
    assert reason_of(cut) is Reason.CUT_SHORT


def test_a_pdf_laid_out_for_the_web_is_missed_when_its_second_part_is() -> None:
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf(jpeg_picture(1), jpeg_picture(2)))) as document:
        document.save(file, linearize=True)
    whole = file.getvalue()
    first_part = whole[: whole.index(b"%%EOF") + 6]
    assert len(pages_of(whole)) == 2
    assert reason_of(first_part) is Reason.CUT_SHORT


def test_a_page_of_a_scanning_app_that_takes_points_for_pixels_is_not_drawn_as_a_poster() -> None:
    document = pikepdf.new()
    document.add_blank_page(page_size=(2480, 3508))
    file = BytesIO()
    document.save(file)
    page = page_of(file.getvalue())
    assert max(page.grey.shape) == 4961
    assert page.dpi is None


@pytest.mark.parametrize("big", [False, True])
def test_numbers_in_either_byte_order_and_of_either_size_are_read(big: bool) -> None:
    """A TIFF as written on a big-endian machine, and one with 64-bit offsets."""
    samples = np.asarray(drawn()).tobytes()
    if big:
        data = saved(drawn(), "TIFF", big_tiff=True)
    else:
        entries = [
            (256, WIDTH),
            (257, HEIGHT),
            (258, 8),
            (259, 1),
            (262, 1),
            (273, 8),
            (278, HEIGHT),
            (279, len(samples)),
        ]
        directory = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in entries)
        head = b"MM\0*" + (8 + len(samples)).to_bytes(4)
        data = head + samples + len(entries).to_bytes(2) + directory + bytes(4)
    assert np.array_equal(page_of(data).grey, np.asarray(drawn()))
    assert reason_of(data[:-40]) is Reason.CUT_SHORT


def test_a_fax_strip_without_an_end_code_is_read_if_it_has_all_its_rows() -> None:
    coded = fax_strip(bitonal())
    bits = f"{int.from_bytes(coded):0{8 * len(coded)}b}".rstrip("0")
    rows = bits.removesuffix("000000000001" * 2)
    assert rows != bits
    without_end = int(rows.ljust(-(-len(rows) // 8) * 8, "0"), 2).to_bytes(-(-len(rows) // 8))
    parameters = pikepdf.Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=True, EndOfBlock=False)
    entries = {"Filter": Name.CCITTFaxDecode, "DecodeParms": parameters, "BitsPerComponent": 1}
    page = page_of(pdf((without_end, entries))).grey
    assert np.array_equal(page, page_of(pdf(fax_picture())).grey)
    assert reason_of(pdf((without_end[:-2], entries))) is Reason.CUT_SHORT


def test_a_fax_strip_in_reversed_bit_order_is_whole_too() -> None:
    coded = fax_strip(bitonal())
    reversed_bits = bytes(int(f"{byte:08b}"[::-1], 2) for byte in coded)
    check_rows(reversed_bits, FaxStrip(WIDTH, HEIGHT, compression=4, lowest_bit_first=True))


def test_losing_only_the_last_line_feed_loses_nothing() -> None:
    whole = pdf(jpeg_picture())
    assert whole.endswith(b"%%EOF\n")
    assert np.array_equal(page_of(whole[:-1]).grey, page_of(whole).grey)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF with T.6, three pages"])
def test_bytes_after_the_end_do_no_harm(kind: str) -> None:
    whole = WHOLE_FILES[kind]()
    assert np.array_equal(page_of(whole + b"\0" * 300 + b"trailing").grey, page_of(whole).grey)


def test_stray_bytes_before_the_end_mark_or_a_note_cost_nothing() -> None:
    whole = saved(drawn(), "JPEG")
    expected = page_of(whole).grey
    assert np.array_equal(page_of(whole[:-2] + b"\0\0" + whole[-2:]).grey, expected)
    note = b"\xff\xe5\x00\x06note"
    assert np.array_equal(page_of(whole[:20] + b"stray bytes" + note + whole[20:]).grey, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_page_is_turned_as_its_orientation_says(kind: str, orientation: int) -> None:
    stored = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }.get(orientation)
    image = drawn().transpose(stored) if stored is not None else drawn()
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = BytesIO()
    image.save(file, kind, exif=exif, dpi=(DPI, 2 * DPI), **({"quality": 95} if kind == "JPEG" else {}))
    page = page_of(file.getvalue())
    assert np.abs(page.grey - np.asarray(drawn()).astype(int)).mean() < 2
    assert page.dpi == pytest.approx((2 * DPI, DPI) if orientation >= 5 else (DPI, 2 * DPI), abs=0.5)


PLACEMENTS = {
    "upright": (1, 0, 0, 1, 0, 0),
    "mirrored": (-1, 0, 0, 1, 1, 0),
    "upside down": (-1, 0, 0, -1, 1, 1),
    "flipped": (1, 0, 0, -1, 0, 1),
    "turned left": (0, 1, -1, 0, 1, 0),
    "turned right": (0, -1, 1, 0, 0, 1),
    "transposed": (0, 1, 1, 0, 0, 0),
    "transversed": (0, -1, -1, 0, 1, 1),
}


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("placement", PLACEMENTS)
def test_the_picture_of_a_pdf_page_is_turned_as_the_page_shows_it(placement: str, rotate: int) -> None:
    wide, high = WIDTH * 72 / DPI, HEIGHT * 72 / DPI
    a, b, c, d, e, f = PLACEMENTS[placement]
    content = b"q %f %f %f %f %f %f cm /Im0 Do Q" % (a * wide, b * high, c * wide, d * high, e * wide, f * high)
    data = pdf(samples_picture(), content=content, rotate=rotate)
    page = page_of(data)
    with_pdfium = pypdfium2.PdfDocument(data)
    shown = with_pdfium[0].render(scale=DPI / 72, grayscale=True).to_pil().copy()
    with_pdfium.close()
    ours = Image.fromarray(page.grey).resize(shown.size)
    difference = np.abs(np.asarray(ours).astype(int) - np.asarray(shown)).mean()
    assert sorted(page.grey.shape) == [WIDTH, HEIGHT]
    assert difference < 12
    assert page.dpi is not None


def test_the_words_a_scanner_hides_behind_the_picture_do_not_count() -> None:
    hidden = b"BT 3 Tr /F1 10 Tf (words read by the scanner) Tj ET q 594.72 0 0 842.4 0 0 cm /Im0 Do Q"
    assert page_of(pdf(jpeg_picture(), content=hidden)).grey.shape == (HEIGHT, WIDTH)


def test_a_page_with_more_than_its_picture_is_drawn_at_300_dpi() -> None:
    stamped = b"q 594.72 0 0 842.4 0 0 cm /Im0 Do Q 10 w 0 0 m 500 500 l S"
    page = page_of(pdf(jpeg_picture(), content=stamped))
    assert page.grey.shape == pytest.approx((HEIGHT * 6, WIDTH * 6), abs=2)
    assert page.dpi == (300, 300)


def test_a_stencil_and_turned_samples_are_read_as_the_page_shows_them() -> None:
    bits = compress(np.packbits(np.asarray(bitonal()), axis=1).tobytes())
    plain = {"Filter": Name.FlateDecode, "BitsPerComponent": 1}
    stencil = pdf((bits, {**plain, "ImageMask": True}))
    turned = pdf((bits, {**plain, "Decode": pikepdf.Array([1, 0])}))
    shown = page_of(pdf((bits, plain)))
    assert shown.bitonal
    assert shown.grey.mean() > 200
    assert page_of(stencil).grey.mean() == pytest.approx(shown.grey.mean(), abs=5)
    assert np.array_equal(page_of(turned).grey, 255 - shown.grey)


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0))
    assert page_of(saved(clear, "PNG")).grey.min() == 255


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_become_eight(kind: str) -> None:
    deep = Image.fromarray(np.asarray(drawn()).astype(np.uint16) * 257)
    assert np.array_equal(page_of(saved(deep, kind)).grey, np.asarray(drawn()))


def test_a_cmyk_jpeg_is_read_as_it_looks() -> None:
    page = page_of(saved(drawn().convert("CMYK"), "JPEG", quality=95))
    assert np.abs(page.grey - np.asarray(drawn()).astype(int)).mean() < 4


def test_a_resolution_that_would_make_paper_a_metre_wide_is_not_believed() -> None:
    assert plausible_dpi((72, 72), 4000, 3000) is None
    assert plausible_dpi((25.4, 25.4), 1224, 2016) is None
    assert plausible_dpi((300, 300), 2480, 3508) == (300, 300)
    assert plausible_dpi((0, 300), 2480, 3508) is None


def claimed_png(width: int, height: int) -> bytes:
    """A PNG header that promises more than any page holds, with a right check sum."""
    header = b"IHDR" + width.to_bytes(4) + height.to_bytes(4) + b"\x08\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + header + crc32(header).to_bytes(4)


def locked_pdf() -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(pdf(jpeg_picture()))) as document:
        document.save(file, encryption=pikepdf.Encryption(owner="owner", user="user"))
    return file.getvalue()


def looped_tiff() -> bytes:
    """A TIFF whose only directory names itself as the next."""
    data = bytearray(tiff(bitonal(), compression="group4"))
    directory = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[directory : directory + 2], "little")
    at = directory + 2 + 12 * entries
    data[at : at + 4] = directory.to_bytes(4, "little")
    return bytes(data)


def pdf_of_pages(count: int) -> bytes:
    document = pikepdf.new()
    for _ in range(count):
        document.add_blank_page()
    file = BytesIO()
    document.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.EMPTY),
        (bytes(5000), Reason.CUT_SHORT),
        (b"hello", Reason.WRONG_TYPE),
        (saved(drawn(), "BMP"), Reason.WRONG_TYPE),
        (saved(drawn(), "WEBP"), Reason.WRONG_TYPE),
        (b"\0\0\0\x18ftypheic" + bytes(100), Reason.WRONG_TYPE),
        (locked_pdf(), Reason.PASSWORD),
        (claimed_png(60_000, 60_000), Reason.TOO_LARGE),
        (looped_tiff(), Reason.UNREADABLE),
        (pdf_of_pages(0), Reason.NO_PAGES),
        (pdf_of_pages(2001), Reason.TOO_MANY_PAGES),
    ],
)
def test_a_file_that_is_no_scan_is_set_aside_with_its_reason(data: bytes, reason: Reason) -> None:
    facts = inspect(data)
    assert isinstance(facts, SetAside)
    assert facts.reason is reason


def test_the_name_of_a_file_plays_no_part_and_its_bytes_do() -> None:
    kinds = {"PDF with JPEG": Kind.PDF, "JPEG": Kind.JPEG, "PNG": Kind.PNG, "TIFF with LZW": Kind.TIFF}
    for name, kind in kinds.items():
        facts = inspect(WHOLE_FILES[name]())
        assert isinstance(facts, FileFacts)
        assert facts.kind is kind


def test_a_page_that_is_not_there_is_said_not_to_be_there(whole: bytes) -> None:
    opened = open_page(whole, 99)
    assert isinstance(opened, SetAside)
    assert opened.reason is Reason.NO_PAGES


def test_a_file_mapped_from_the_disk_opens_as_its_bytes_do(whole: bytes, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(whole)
    assert inspect_original(kept) == inspect(whole)
    for index, grey in enumerate(pages_of(whole)):
        page = page_of_original(kept, index)
        assert isinstance(page, PageImage)
        assert np.array_equal(page.grey, grey)


def test_a_damaged_page_of_a_file_laid_open_costs_no_other_page() -> None:
    coded, entries = jpeg_picture(2)
    file = OpenFile(pdf(jpeg_picture(1), (coded[: len(coded) // 2], entries), jpeg_picture(3)))
    opened = [file.page(index) for index in (0, 1, 2, 1, 0)]
    assert [isinstance(page, PageImage) for page in opened] == [True, False, True, False, True]
    file.close()


def test_every_reason_is_told_in_whole_sentences() -> None:
    assert set(sentences) == set(Reason)
    assert all(text[0].isupper() and text.endswith(".") and "lease" in text for text in sentences.values())


def test_the_walk_through_a_jpeg_tells_its_size() -> None:
    assert jpeg.check_complete(saved(drawn(), "JPEG")) == (WIDTH, HEIGHT)


SCANS = (".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png")
LOCKED = {"acroform/amc/sheet-0001.pdf"}


def test_every_real_scan_is_read(shared_data: Path) -> None:
    folders = ("marks", "photos", "codes", "acroform")
    files = [path for folder in folders for path in sorted((shared_data / folder).rglob("*")) if path.suffix in SCANS]
    refused = {}
    for path in files:
        reason = reason_of(path.read_bytes())
        if reason is not None:
            refused[path.relative_to(shared_data).as_posix()] = reason
    assert len(files) > 130
    assert refused == dict.fromkeys(LOCKED, Reason.PASSWORD)


def test_a_picture_is_copied_only_where_its_rows_do_not_run_through_memory() -> None:
    wide: NDArray[np.uint8] = np.arange(12 * 9, dtype=np.uint8).reshape(12, 9)
    for as_it_lies in (wide, wide[:, :8], wide[2:, 1:]):
        assert rows_in_place(as_it_lies) is as_it_lies
    for turned in (wide.T, wide[::-1], wide[:, ::-1], np.rot90(wide)):
        copied = rows_in_place(turned)
        assert np.array_equal(copied, turned)
        assert copied.flags.c_contiguous
