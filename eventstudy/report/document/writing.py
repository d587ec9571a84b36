"""From a document to one HTML file: template, style, scripts, and the policy that names them."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from eventstudy.report.document.embedding import as_data, plotly_script, policy, require, resource
from eventstudy.report.document.grids import lean_table
from eventstudy.report.document.parts import Block, Chart, Document, Download, Fold, Table
from eventstudy.report.lines import clean

if TYPE_CHECKING:
    from jinja2 import Environment

#: rows of a table beyond which it scrolls in a box of its own height and is not printed
TALL = 40
#: pixels of a chart that does not say its own height
HEIGHT = 380


def write(document: Document) -> str:
    """Write a document as one HTML page that needs no other file and no network.

    Parameters
    ----------
    document : Document
        Its texts are plain text, whatever they hold: they are escaped here.

    Returns
    -------
    str
        The page. Plotly's script stands in it once, and only if there is a chart.

    Raises
    ------
    OptionError
        If ``jinja2`` or ``plotly`` is not installed.

    Examples
    --------
    >>> from eventstudy.report.document import Document
    >>> page = write(Document(title="<Miners>", lead="They moved."))
    >>> "<h1>&lt;Miners&gt;</h1>" in page, page.count("Content-Security-Policy")
    (True, 1)
    """
    environment = _environment()
    blocks = [block for part in document.parts for block in _all(part.blocks)]
    charts = [block for block in blocks if isinstance(block, Chart)]
    script = resource("page.js")
    library = plotly_script() if charts else ""
    template = environment.from_string(resource("page.html.jinja"))
    page: str = template.render(
        document=document,
        policy=policy([library, script] if charts else [script]),
        style=_trusted(resource("page.css")),
        library=_trusted(library),
        script=_trusted(script),
        names=_numbered([block for block in blocks if isinstance(block, (Download, Chart))]),
    )
    return page


def _environment() -> Environment:
    """Templates that escape every value they are given."""
    require()
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    filters: dict[str, Callable[..., Any]] = {
        "kind": lambda block: type(block).__name__.lower(),
        "grid": _grid,
        "data": lambda value: _trusted(as_data(value)),
        "groups": groups,
        "clean": clean,
    }
    made.filters |= filters
    made.globals |= {
        "tall": lambda table: min(len(table.frame), table.rows) > TALL,
        "height": lambda chart: chart.figure.get("layout", {}).get("height") or HEIGHT,
        "block_id": id,
    }
    return made


def _trusted(text: str) -> Any:  # noqa: ANN401  (jinja2 is an extra: its type is not known here)
    """Mark text that is HTML already; only what this package wrote or escaped comes here."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  (see above)


def _grid(table: Table) -> Any:  # noqa: ANN401  (as above)
    grid = lean_table(table.frame, title=table.title, formats=table.formats, rows=table.rows)
    return _trusted(grid)


def _all(blocks: Sequence[Block]) -> Iterator[Block]:
    """Every block, also those that are folded away."""
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from _all(block.blocks)


def _numbered(blocks: Sequence[Chart | Download]) -> dict[int, str]:
    """An id in the page for each block; the same name twice gets a number."""
    found: dict[int, str] = {}
    for block in blocks:
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in block.name)
        taken = set(found.values())
        free = (f"{name}-{k}" if k else name for k in range(len(taken) + 1))
        found[id(block)] = next(one for one in free if one not in taken)
    return found


def groups(chart: Chart) -> list[str]:
    """What the buttons of a chart say: the groups that can be isolated, "all" before them.

    >>> asked = [{"name": name, "visible": [], "layout": {}} for name in ("all", "A &amp; B")]
    >>> groups(Chart(name="path", figure={"layout": {"meta": {"groups": asked}}}, alt=""))
    ['all', 'A & B']
    """
    meta = chart.figure.get("layout", {}).get("meta", {})
    return [html.unescape(str(group["name"])) for group in meta.get("groups", ())]
