"""What a scanner, a photocopier or a phone makes of a page, and the files they send."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import pikepdf
import simplejpeg
from PIL import Image

from pipeline.practice import placement
from pipeline.practice.pens import Grey
from pipeline.practice.placement import Matrix, Move, Points

MM_PER_INCH = 25.4

_NOISE_TILE_PX = 1024


@dataclass(frozen=True, slots=True)
class Scanner:
    """What one scan does to a page. The picture is as large as the paper plus `surround` mm on every side.

    Place: `turn` degrees clockwise, `upside_down`, `quarters` turned clockwise besides (a sheet fed sideways),
    `scale` (1 is true), `shift` mm right and down, `stretch` mm by which an uneven feeder moves lines up and down the
    page, `perspective` the share of the picture's width by which the corners are off (paper that does not lie flat),
    `tilt` degrees by which a camera leans, towards `tilt_towards` degrees clockwise from the right. `glass` is the
    size of the picture (mm) where it is not the paper's; `dpi_down` the lines an inch where they are not `dpi` (fax).

    Light: `paper` the grey of the paper, `background` the grey beyond it, `ink` the grey that black comes out
    as, `blur` mm (standard deviation), `unevenness` the share of light lost towards one side, `shadow` the
    share lost along one edge, `noise` grey levels (standard deviation).

    Dirt: `streaks` down the page, `speckle` dots, `photocopies` the page went through before. `bitonal` is
    the darkest grey that becomes white, None for a grey scan; `jpeg_quality` is for the file made of it.
    """

    dpi: int = 300
    turn: float = 0.0
    upside_down: bool = False
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    stretch: float = 0.0
    perspective: float = 0.0
    tilt: float = 0.0
    tilt_towards: float = 0.0
    glass: tuple[float, float] | None = None
    dpi_down: int | None = None
    quarters: int = 0
    surround: float = 0.0
    paper: int = 250
    background: int = 235
    ink: int = 15
    blur: float = 0.04
    unevenness: float = 0.0
    shadow: float = 0.0
    noise: float = 3.0
    streaks: int = 0
    speckle: int = 0
    photocopies: int = 0
    bitonal: int | None = None
    jpeg_quality: int = 80


def ordinary_scanner(rng: np.random.Generator, dpi: int = 300) -> Scanner:
    """Return the settings of an everyday scan: ±3°, 94 to 103 %, a little dirt, a tenth upside down."""
    return Scanner(
        dpi=dpi,
        turn=float(rng.uniform(-3, 3)),
        upside_down=bool(rng.random() < 0.1),
        scale=float(rng.uniform(0.94, 1.03)),
        shift=(float(rng.uniform(-2.5, 2.5)), float(rng.uniform(-2.5, 2.5))),
        stretch=float(rng.uniform(0, 0.4)),
        paper=int(rng.integers(236, 254)),
        background=int(rng.choice((225, 240, 253))),
        ink=int(rng.integers(5, 40)),
        blur=float(rng.uniform(0.02, 0.07)),
        shadow=float(rng.choice((0.0, 0.0, 0.25))),
        noise=float(rng.uniform(1, 5)),
        streaks=int(rng.choice((0, 0, 0, 1, 2))),
        speckle=int(rng.integers(0, 40)),
        jpeg_quality=int(rng.integers(60, 92)),
    )


def hard_scanner(rng: np.random.Generator, dpi: int = 200) -> Scanner:
    """Return the settings of a poor scan, in some mixture: ±5°, photocopied, black and white, dirty."""
    return replace(
        ordinary_scanner(rng, dpi),
        turn=float(rng.uniform(-5, 5)),
        stretch=float(rng.uniform(0, 0.8)),
        paper=int(rng.integers(200, 250)),
        blur=float(rng.uniform(0.04, 0.12)),
        noise=float(rng.uniform(2, 9)),
        streaks=int(rng.integers(0, 4)),
        speckle=int(rng.integers(0, 200)),
        photocopies=int(rng.integers(0, 3)),
        bitonal=int(rng.integers(140, 200)) if rng.random() < 0.3 else None,
        jpeg_quality=int(rng.integers(35, 80)),
    )


def phone(rng: np.random.Generator) -> Scanner:
    """Return the settings of a photograph taken over a table: askew, unevenly lit, table around the paper."""
    return Scanner(
        dpi=int(rng.integers(230, 300)),
        turn=float(rng.uniform(-6, 6)),
        perspective=float(rng.uniform(0.01, 0.035)),
        surround=float(rng.uniform(12, 25)),
        paper=int(rng.integers(205, 240)),
        background=int(rng.integers(60, 120)),
        ink=int(rng.integers(20, 50)),
        blur=float(rng.uniform(0.05, 0.1)),
        unevenness=float(rng.uniform(0.1, 0.35)),
        shadow=float(rng.uniform(0, 0.3)),
        noise=float(rng.uniform(2, 6)),
        jpeg_quality=int(rng.integers(70, 92)),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A picture of a page, and how it came about: `moves` lead from the page's pixels to the picture's.

    `px_per_mm` is the page's, across and down: a printed page is drawn in whole pixels, and so a little too large.
    """

    grey: Grey
    px_per_mm: tuple[float, float]
    moves: tuple[Move, ...]

    def to_pixels(self, points: Points) -> Points:
        """Return where points of the paper, (n, 2) in mm, truly lie in the picture."""
        seen = points * self.px_per_mm - 0.5
        for move in self.moves:
            seen = move(seen)
        return seen


def scan(page: Grey, px_per_mm: float, scanner: Scanner, rng: np.random.Generator) -> Grey:
    """Return the picture `scanner` takes of `page` (grey, `px_per_mm` pixels per millimetre)."""
    return take(page, px_per_mm, scanner, rng).grey


def take(page: Grey, px_per_mm: float, scanner: Scanner, rng: np.random.Generator) -> Taken:
    """Return the picture `scanner` takes of `page`, together with where everything on the paper came to lie."""
    moves: list[Move] = []
    for _ in range(scanner.photocopies):
        page, moved = _photocopied(page, px_per_mm, rng)
        moves.append(moved)
    picture, placed = _laid_on_glass(page, px_per_mm, scanner, rng)
    picture, stretched = _stretched(picture, scanner.stretch * scanner.dpi / MM_PER_INCH, rng)
    picture, squeezed = _squeezed(picture, scanner)
    picture = _lit(picture, scanner, rng)
    _add_dirt(picture, scanner, rng)
    picture = _with_noise(picture, scanner.noise, rng)
    if scanner.bitonal is not None:
        picture = np.where(picture >= scanner.bitonal, np.uint8(255), np.uint8(0))
    quarters = scanner.quarters + 2 * scanner.upside_down
    turned = placement.turned(quarters, (picture.shape[0], picture.shape[1]))
    lying = np.ascontiguousarray(np.rot90(picture, -quarters))
    return Taken(lying, (px_per_mm, px_per_mm), (*moves, placed, stretched, squeezed, turned))


def photocopy(page: Grey, px_per_mm: float, rng: np.random.Generator) -> Grey:
    """Return a photocopy of `page`, same size: a little turned, specked, harsh, its pale greys lost."""
    return _photocopied(page, px_per_mm, rng)[0]


def _photocopied(page: Grey, px_per_mm: float, rng: np.random.Generator) -> tuple[Grey, Move]:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D(
        (width / 2, height / 2), float(rng.uniform(-0.6, 0.6)), float(rng.uniform(0.985, 1.01))
    )
    matrix[:, 2] = matrix[:, 2] + rng.uniform(-1, 1, 2) * px_per_mm
    moved = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    soft = cv2.GaussianBlur(moved, (0, 0), 0.06 * px_per_mm)
    grey = np.arange(256)
    toner = np.rint(255 / (1 + np.exp(-(grey - 165) / 16))).astype(np.uint8)
    copy = np.asarray(cv2.LUT(soft, toner), dtype=np.uint8)
    _speckle(copy, int(rng.integers(20, 120)), px_per_mm, rng)
    return copy, placement.through(np.asarray(matrix, dtype=np.float64))


def _laid_on_glass(page: Grey, px_per_mm: float, scanner: Scanner, rng: np.random.Generator) -> tuple[Grey, Move]:
    """The page in the pixels of the picture: turned, scaled, shifted, askew; ink on grey paper."""
    fine = scanner.dpi / MM_PER_INCH
    seen_mm = scanner.glass or (page.shape[1] / px_per_mm, page.shape[0] / px_per_mm)
    width, height = (round(side * fine + 2 * scanner.surround * fine) for side in seen_mm)
    table = np.rint(scanner.ink + (scanner.paper - scanner.ink) * np.arange(256) / 255).astype(np.uint8)
    toned = cv2.LUT(page, table)
    if fine < 0.8 * px_per_mm:
        toned = cv2.GaussianBlur(toned, (0, 0), 0.35 * px_per_mm / fine)
    matrix = _placement(page.shape, (width, height), fine / px_per_mm, scanner, rng)
    picture = cv2.warpPerspective(
        toned,
        matrix,
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=scanner.background,
    )
    return np.asarray(picture, dtype=np.uint8), placement.through(matrix)


def _placement(
    page: tuple[int, ...], size: tuple[int, int], ratio: float, scanner: Scanner, rng: np.random.Generator
) -> Matrix:
    """The homography from page to picture pixels: middle on middle, then tilt, scale, turn, shift and slant."""
    height, width = page[:2]
    angle = np.radians(scanner.turn)
    shift = np.array(scanner.shift) * scanner.dpi / MM_PER_INCH
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float64)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    seen = (corners - (width / 2, height / 2)) * ratio
    if scanner.tilt:
        fine = scanner.dpi / MM_PER_INCH
        seen = placement.tilted(seen / fine, scanner.tilt, scanner.tilt_towards) * fine
    seen = seen @ turn * scanner.scale
    if scanner.tilt:
        seen = placement.in_view(seen, size)
    seen += np.array(size) / 2 + shift
    seen += scanner.perspective * size[0] * rng.uniform(-1, 1, (4, 2))
    return placement.homography(corners, seen)


def _stretched(picture: Grey, by_px: float, rng: np.random.Generator) -> tuple[Grey, Move]:
    """The picture with lines moved up and down by at most `by_px`, slowly along the page."""
    phase, waves = rng.uniform(0, 2 * np.pi), rng.uniform(0.5, 2.5)
    height = picture.shape[0]
    if by_px < 0.5:
        return picture, placement.resized(1.0, 1.0)
    rows = np.arange(height) + by_px * np.sin(phase + waves * 2 * np.pi * np.arange(height) / height)
    low = np.clip(np.floor(rows).astype(int), 0, height - 1)
    return np.asarray(picture[low], dtype=np.uint8), placement.taken_from(rows - 0.5)


def _squeezed(picture: Grey, scanner: Scanner) -> tuple[Grey, Move]:
    """The picture with fewer lines down the page than dots across, as fax has it."""
    if scanner.dpi_down is None:
        return picture, placement.resized(1.0, 1.0)
    height = round(picture.shape[0] * scanner.dpi_down / scanner.dpi)
    fewer = cv2.resize(picture, (picture.shape[1], height), interpolation=cv2.INTER_AREA)
    return np.asarray(fewer, dtype=np.uint8), placement.resized(1.0, height / picture.shape[0])


def _lit(picture: Grey, scanner: Scanner, rng: np.random.Generator) -> Grey:
    """The picture out of focus by the blur, and darker where the light falls off."""
    sigma = scanner.blur * scanner.dpi / MM_PER_INCH
    soft = cv2.GaussianBlur(picture, (0, 0), sigma) if sigma > 0.3 else picture
    side, edge = rng.uniform(0, 2 * np.pi), rng.integers(2)
    if not scanner.unevenness and not scanner.shadow:
        return np.asarray(soft, dtype=np.uint8)
    y, x = np.mgrid[0:1:64j, 0:1:64j]
    light = 1 - scanner.unevenness * np.clip(0.5 + 0.7 * ((x - 0.5) * np.cos(side) + (y - 0.5) * np.sin(side)), 0, 1)
    light *= 1 - scanner.shadow * np.exp(-(((1 - x) if edge else x) / 0.05))
    gain = cv2.resize(np.rint(255 * light).astype(np.uint8), soft.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(soft, gain, scale=1 / 255), dtype=np.uint8)


def _add_dirt(picture: Grey, scanner: Scanner, rng: np.random.Generator) -> None:
    """Draw streaks, as of dust on the glass a page is fed over, and specks, in place."""
    for _ in range(scanner.streaks):
        x, wide = int(rng.integers(picture.shape[1])), int(rng.integers(1, 3))
        lost = int(rng.integers(15, 70))
        strip = picture[:, x : x + wide]
        strip[:] = np.clip(strip.astype(np.int16) - lost, 0, 255).astype(np.uint8)
    _speckle(picture, scanner.speckle, scanner.dpi / MM_PER_INCH, rng)


def _speckle(picture: Grey, dots: int, px_per_mm: float, rng: np.random.Generator) -> None:
    """Draw `dots` specks of 0.05 to 0.2 mm anywhere on `picture`, in place."""
    places = rng.integers((0, 0), picture.shape[::-1], (dots, 2)).tolist()
    sizes = np.rint(rng.uniform(0.05, 0.2, dots) * px_per_mm / 2).astype(int).tolist()
    greys = rng.integers(20, 140, dots).tolist()
    for place, size, grey in zip(places, sizes, greys, strict=True):
        cv2.circle(picture, place, size, grey, cv2.FILLED)


def _with_noise(picture: Grey, level: float, rng: np.random.Generator) -> Grey:
    """The picture with noise of `level` grey levels: for speed, one tile laid over the whole page."""
    height, width = picture.shape
    sides = min(height, _NOISE_TILE_PX), min(width, _NOISE_TILE_PX)
    tile = np.rint(level * rng.standard_normal(sides, dtype=np.float32)).astype(np.int8)
    down, right = rng.integers(0, _NOISE_TILE_PX, 2)
    tile = np.roll(tile, (int(down), int(right)), (0, 1))
    across = np.tile(tile, (height // sides[0] + 1, width // sides[1] + 1))[:height, :width]
    return np.asarray(cv2.add(picture, across, dtype=cv2.CV_8U), dtype=np.uint8)


def as_jpeg(picture: Grey, dpi: int, quality: int = 80) -> bytes:
    """Return `picture` as a JPEG file."""
    return _saved([picture], "JPEG", dpi=(dpi, dpi), quality=quality)


def as_png(picture: Grey, dpi: int) -> bytes:
    """Return `picture` as a PNG file."""
    return _saved([picture], "PNG", dpi=(dpi, dpi), compress_level=1)


def as_tiff(pictures: Sequence[Grey], dpi: int) -> bytes:
    """Return the pictures as one grey TIFF file of several pages."""
    return _saved(pictures, "TIFF", dpi=(dpi, dpi), compression="tiff_lzw")


def as_g4_tiff(pictures: Sequence[Grey], dpi: int) -> bytes:
    """Return the pictures as one fax-coded (CCITT G4) TIFF of several pages; greys above 160 are white."""
    bitonal = [Image.fromarray(np.asarray(picture > 160)) for picture in pictures]
    return _saved(bitonal, "TIFF", dpi=(dpi, dpi), compression="group4")


def as_pdf(pictures: Sequence[Grey], dpi: int, jpeg_quality: int = 80) -> bytes:
    """Return the pictures as a PDF file, one JPEG filling each page, as office scanners do."""
    return pdf_of_jpegs([as_jpeg(picture, dpi, jpeg_quality) for picture in pictures], dpi)


def pdf_of_jpegs(jpegs: Sequence[bytes], dpi: int) -> bytes:
    """Return grey JPEG files as a PDF file, each filling a page."""
    pdf = pikepdf.new()
    for jpeg in jpegs:
        height, width, *_ = simplejpeg.decode_jpeg_header(jpeg)
        image = pdf.make_stream(
            jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=width,
            Height=height,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        size = (72 * width / dpi, 72 * height / dpi)
        page = pdf.add_blank_page(page_size=size)
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=image))
        page.Contents = pdf.make_stream(b"q %.3f 0 0 %.3f 0 0 cm /Im0 Do Q" % size)
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def _saved(pictures: Sequence[Grey] | Sequence[Image.Image], kind: str, **options: object) -> bytes:
    images = [picture if isinstance(picture, Image.Image) else Image.fromarray(picture) for picture in pictures]
    if len(images) > 1:
        options |= {"save_all": True, "append_images": images[1:]}
    out = io.BytesIO()
    images[0].save(out, kind, **options)
    return out.getvalue()
