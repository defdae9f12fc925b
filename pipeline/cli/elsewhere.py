"""The command about forms made elsewhere: their geometry and their blank pages, checked and registered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from pipeline.cli.common import as_json, now, print_json, require_form, this_site
from pipeline.cli.exits import told
from pipeline.form.fixed import GeometryError, fixed_layout
from pipeline.form.layout import Layout, LayoutError
from pipeline.form.words import counted
from pipeline.inbox.trouble import SetAside
from pipeline.page.blank import photographed_blank
from pipeline.page.image import inspect, open_page
from pipeline.page.known import Blank
from pipeline.page.picture import MM_PER_INCH, PageImage
from pipeline.page.print_seen import is_printed_around, print_of
from pipeline.site import Site, UnknownFormError, load_form, read_words
from pipeline.store.record import register_elsewhere, retire_elsewhere

LOWEST_DPI = 140.0
"""A coarser blank does not show the outline of a small bubble."""

_OFF_SQUARE = 0.03
"""A blank's sides may be in another proportion than the paper's by this share: scanners cut a few millimetres off."""


@click.command()
@click.argument("form")
@click.option(
    "--layout",
    "geometry",
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    help="Where its boxes are, as JSON in the form that the command layout prints.",
)
@click.option(
    "--blank",
    "blanks",
    type=click.Path(exists=True, path_type=Path, dir_okay=False),
    multiple=True,
    help="Its pages without answers: a PDF, or pictures in order, one --blank each.",
)
@click.option("--retire", is_flag=True, help="Read no more of it from now on. What was read is kept.")
@as_json
@click.pass_context
def fixed(
    context: click.Context,
    form: str,
    geometry: Path | None,
    blanks: tuple[Path, ...],
    retire: bool,
    json_wanted: bool,
) -> None:
    """Make FORM readable as it was printed elsewhere, without our codes: by its blank pages and where its boxes are."""
    name = form.removesuffix(".yaml")
    if retire and (geometry or blanks):
        raise click.UsageError("--retire goes without --layout and --blank.")
    with told():
        site = this_site(context)
        if retire:
            document, said = _retired(site, name)
        elif geometry and blanks:
            document, said = _made_readable(site, name, geometry, blanks)
        else:
            raise click.UsageError("Give --layout and --blank to make the form readable, or --retire to end that.")
    print_json(document) if json_wanted else click.echo(said)


def _retired(site: Site, form: str) -> tuple[dict[str, Any], str]:
    """End the reading of a form made elsewhere. Raises UnknownFormError where none is readable under this name."""
    require_form(site, form)
    layouts = retire_elsewhere(site.open_store(), form, now())
    if not layouts:
        raise UnknownFormError(f"No sheets of “{form}” made elsewhere are read here, so there is nothing to retire.")
    said = f"{form}: sheets made elsewhere are no longer read (layout {', '.join(layouts)}). What was read is kept."
    return {"form": form, "retired": list(layouts)}, said


def _made_readable(site: Site, form: str, geometry: Path, blanks: Sequence[Path]) -> tuple[dict[str, Any], str]:
    """Register a form by its blank pages and its geometry. Raises LayoutError, which tells all that is wrong."""
    definition = load_form(site, form)
    files = [path.read_bytes() for path in blanks]
    layout = fixed_layout(definition, read_words(geometry), b"".join(files))
    pages = [page for path, data in zip(blanks, files, strict=True) for page in _pages(path, data)]
    errors = list(layout) if isinstance(layout, tuple) else list(_wrong_blanks(layout, pages))
    if errors or isinstance(layout, tuple):
        raise LayoutError("\n".join(f"{geometry.name}, {error}" for error in errors))
    pictures = {number: photographed_blank(page.grey, layout.paper_mm) for number, page in enumerate(pages, 1)}
    if unprinted := list(_unprinted(layout, pictures)):
        raise LayoutError("\n".join(f"{geometry.name}, {error}" for error in unprinted))
    register_elsewhere(site.open_store(), definition, layout, pictures, now())
    count = len(layout.pages)
    document = {"form": layout.form, "version": layout.version, "layout": layout.id, "pages": count}
    return document, f"{layout.form}: {counted(count, 'page')} can be read now (layout {layout.id})."


def _pages(path: Path, data: bytes) -> Iterator[PageImage]:
    """Every page of a blank. Raises LayoutError for a file that is not what it should be."""
    facts = inspect(data)
    opened = [facts] if isinstance(facts, SetAside) else [open_page(data, index) for index in range(facts.pages)]
    for page in opened:
        if isinstance(page, SetAside):
            raise LayoutError(f"{path.name}: {page.sentence}")
        yield page


def _wrong_blanks(layout: Layout, pages: Sequence[PageImage]) -> Iterator[GeometryError]:
    """Blanks of another number, proportion or resolution than the geometry's pages."""
    if len(pages) != len(layout.pages):
        what = f"it has {counted(len(layout.pages), 'page')}, and the blank has {len(pages)}."
        yield GeometryError("pages", what, 'Give every page of the blank a place, if need be with "fields": [].')
    width_mm, height_mm = layout.paper_mm
    for number, page in enumerate(pages, 1):
        height, width = page.grey.shape
        dpi = width / width_mm * MM_PER_INCH
        if abs(width / height * height_mm / width_mm - 1.0) > _OFF_SQUARE:
            what = (
                f"the blank is {width} by {height} pixels, which is not the shape of {width_mm:g} by {height_mm:g} mm."
            )
            yield GeometryError(
                f"page {number}", what, "Correct paper_mm, or cut the picture to the edges of the paper."
            )
        elif dpi < LOWEST_DPI:
            what = f"the blank has only {dpi:.0f} dots per inch."
            yield GeometryError(f"page {number}", what, "Give the PDF it was printed from, or scan it at 300.")


def _unprinted(layout: Layout, blanks: dict[int, Blank]) -> Iterator[GeometryError]:
    """Boxes to tick where nothing is printed: the geometry belongs to another blank, or is in other units."""
    for page in layout.pages:
        printed = print_of(blanks[page.number])
        for field in page.fields:
            if field.kind == "mark" and not is_printed_around(printed, field.box):
                where = f"page {page.number}, {field.question} ({field.value})"
                what = f"nothing is printed at ({field.box.x:g}, {field.box.y:g}) mm on the blank."
                yield GeometryError(where, what, "Measure in mm from the top-left corner of the paper.")
