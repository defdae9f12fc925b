"""What a tagged PDF tells, and our own checks of how it is built: a part of what PDF/UA (ISO 14289-1) asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import pairwise
from typing import Any

import pdfplumber
import pikepdf
from pikepdf import Name

PAINTING = frozenset(["S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "Tj", "TJ", "'", '"', "Do", "sh", "EI"])
"""Operators that leave something on the page (ISO 32000-2, annex A)."""


_TEXT_OF_GLYPHS = "text of glyphs"
"""Marked content within a piece, which says in letters what shaped glyphs show."""


@dataclass(frozen=True)
class Told:
    """One element that says something itself: its kind after those it is within, its language, its words."""

    path: tuple[str, ...]
    language: str
    words: str

    @property
    def kind(self) -> str:
        return self.path[-1]


@cache
def told(pdf: bytes) -> list[Told]:
    """Every element of the structure tree in its order, as pdfplumber reads it; pictures say their alternative."""
    with pdfplumber.open(BytesIO(pdf)) as document:
        words: dict[tuple[int, int], str] = {}
        for page in document.pages:
            for letter in page.chars:
                key = page.page_number, letter["mcid"]
                words[key] = words.get(key, "") + letter["text"]
        return [
            each
            for top in document.structure_tree
            for each in _told(top, (), str(document.doc.catalog["Lang"], "ascii"), words)
        ]


def _told(
    element: dict[str, Any], above: tuple[str, ...], language: str, words: dict[tuple[int, int], str]
) -> Iterator[Told]:
    path, language = (*above, element["type"]), element.get("lang", language)
    said = [words.get((element.get("page_number", 0), number), "") for number in element.get("mcids", ())]
    yield Told(path, language, element.get("alt_text") or element.get("actual_text") or " ".join(said).strip())
    for child in element.get("children", ()):
        yield from _told(child, path, language, words)


def kinds(pdf: bytes) -> list[str]:
    """The kind of every element in order, also of those that say nothing by themselves, as fields do."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [str(element.S)[1:] for element in _elements(document.Root.StructTreeRoot.K)]


def faults(pdf: bytes) -> list[str]:
    """What our checks find wrong with how a tagged PDF is built; none of them sees whether it makes sense."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return [
            *_of_document(document),
            *(fault for number, page in enumerate(document.pages, 1) for fault in _of_page(document, page, number)),
            *_of_elements(document),
            *_of_fonts(document),
        ]


def _of_document(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root
    if not root.get("/MarkInfo", {}).get("/Marked"):
        yield "not marked as tagged"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "the title is not shown"
    with document.open_metadata() as metadata:
        if metadata.get("dc:title") != str(document.docinfo.get("/Title", "")) or not metadata.get("dc:title"):
            yield "no title"


def _of_page(document: pikepdf.Pdf, page: pikepdf.Page, number: int) -> Iterator[str]:
    if page.obj.get("/Tabs") != Name.S:
        yield f"page {number}: fields are not visited in the order of the structure"
    owners = _numbers(document.Root.StructTreeRoot.ParentTree)
    owned = owners[int(page.obj.StructParents)]
    seen: list[int] = []
    depth: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        match str(operator):
            case "BDC" if "/MCID" in operands[1]:
                depth.append(str(operands[0]))
                seen.append(int(operands[1]["/MCID"]))
            case "BDC":
                depth.append(_TEXT_OF_GLYPHS)
            case "BMC":
                depth.append(str(operands[0]))
            case "EMC":
                depth.pop()
            case painted if painted in PAINTING and len([each for each in depth if each != _TEXT_OF_GLYPHS]) != 1:
                yield f"page {number}: {painted} in {depth or 'nothing'}"
    if seen != list(range(len(owned))):
        yield f"page {number}: pieces {seen} for {len(owned)} owners"
    for widget in page.obj.get("/Annots", ()):
        yield from _of_widget(widget, owners, number)


HIDDEN = 2


def _of_widget(widget: Any, owners: dict[int, Any], number: int) -> Iterator[str]:
    if int(widget.get("/F", 0)) & HIDDEN:
        return
    field = widget if "/FT" in widget else widget.Parent
    if not str(field.get("/TU", "")):
        yield f"page {number}: {field.get('/T')} has no words"
    if Name.Form != owners[int(widget.StructParent)].S:
        yield f"page {number}: {field.get('/T')} is in no Form"


def _numbers(tree: Any) -> dict[int, Any]:
    pairs = list(tree.Nums)
    return dict(zip(map(int, pairs[::2]), pairs[1::2], strict=True))


def _of_elements(document: pikepdf.Pdf) -> Iterator[str]:
    elements = list(_elements(document.Root.StructTreeRoot.K))
    levels = [int(str(each.S)[2:]) for each in elements if str(each.S)[:2] == "/H"]
    if levels[:1] != [1] or any(after > before + 1 for before, after in pairwise(levels)):
        yield f"headings skip a level: {levels}"
    for element in elements:
        kind = str(element.S)[1:]
        inside = [str(each.S)[1:] for each in _kids(element)]
        if kind == "Figure" and not str(element.get("/Alt", "")):
            yield "a picture says nothing"
        if (kind == "L" and set(inside) != {"LI"}) or (kind == "LI" and not set(inside) <= {"Lbl", "LBody"}):
            yield f"{kind} holds {inside}"
        if kind == "Table" and len({len(list(_kids(row))) for row in _kids(element)}) != 1:
            yield "a table has rows of several lengths"
        if kind == "TH" and "/A" not in element:
            yield "a heading of a table heads nothing"


def _elements(element: Any) -> Iterator[Any]:
    yield element
    for kid in _kids(element):
        yield from _elements(kid)


def _kids(element: Any) -> Iterator[Any]:
    return (kid for kid in element.K if isinstance(kid, pikepdf.Dictionary) and "/S" in kid)


def _of_fonts(document: pikepdf.Pdf) -> Iterator[str]:
    for each in document.objects:
        if (
            isinstance(each, pikepdf.Dictionary)
            and each.get("/Type") == Name.FontDescriptor
            and "/FontFile2" not in each
        ):
            yield f"{each.FontName} is not embedded"
