"""What a test, a model or a procedure is and where it comes from, read from its docstring."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

from eventstudy import inference
from eventstudy.errors import OptionError
from eventstudy.report.names import name_of_test

#: what a thing without a docstring is said to be
UNSAID = "not described: it has no docstring"
STRIPPED = "not described: Python ran without docstrings (-OO)"

#: a work has a year, what only continues the work before it has none
_YEAR = re.compile(r"\b(?:1[6-9]|20)\d\d\b")
_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


@dataclass(frozen=True)
class Cited:
    """What a thing is, its formula and its sources."""

    #: as it is called in code
    name: str
    #: the first sentence of its docstring
    summary: str
    #: the formula in that sentence, "" where it has none
    formula: str
    #: one line a work
    references: tuple[str, ...]


def cited(thing: object) -> Cited:
    """Read name, summary, formula and references from a docstring in numpydoc's form.

    Parameters
    ----------
    thing : function, class or object
        A test, a model (its class or one of them), a procedure, also one of the user's. A class
        speaks for itself: it does not cite what it inherits from.

    Returns
    -------
    Cited
        Without a docstring (``python -OO`` drops all) the summary says so, and the rest is empty.

    Examples
    --------
    >>> from eventstudy.inference import adj_bmp
    >>> found = cited(adj_bmp)
    >>> found.formula
    'T = T_BMP·√((1−r̄)/(1+(N−1)r̄)) ~ t_{N−1}'
    >>> found.references
    ('Kolari and Pynnönen (2010), Review of Financial Studies 23, equation 11',)
    """
    thing = getattr(thing, "func", thing)  # of a partial
    named = thing if hasattr(thing, "__name__") else type(thing)
    name = str(getattr(named, "__name__", ""))
    text = inspect.cleandoc(getattr(named, "__doc__", None) or "")
    # a dataclass without a docstring is given its signature
    if not text or text.startswith(f"{name}("):
        return Cited(name, STRIPPED if cited.__doc__ is None else UNSAID, "", ())
    summary = _line(text.split("\n\n", 1)[0])
    return Cited(name, summary, _formula(summary), _works(_section(text, "References")))


def cited_test(key: str) -> str:
    """Name a test with its sources, as in a note below a table.

    >>> print(cited_test("bmp"))
    BMP: Boehmer, Musumeci and Poulsen (1991), Journal of Financial Economics 30
    >>> cited_test("my_test")
    'my_test'
    """
    try:
        works = cited(inference.resolve(key)).references
    except OptionError:  # a test of the user's own
        works = ()
    return ": ".join(filter(None, [name_of_test(key), "; ".join(works)]))


def effective_number() -> str:
    """Say what n_eff is, with its source."""
    works = "; ".join(cited(inference.correlation).references)
    said = (
        "n_eff = N/(1 + (N − 1)r̄) is the number of independent events that would tell as much, "
        "with r̄ the mean correlation of their residuals over shared days"
    )
    return f"{said} ({works})." if works else f"{said}."


def _line(text: str) -> str:
    return " ".join(text.split())


def _formula(summary: str) -> str:
    """What follows the colon, if it is an equation, a law or a product."""
    _, _, after = summary.partition(": ")
    return after.rstrip(".") if re.search(r"[=~·Σ]", after) else ""


def _section(text: str, title: str) -> str:
    """The body of a section; "" where there is none."""
    parts = _SECTION.split(text)
    return dict(zip(parts[1::2], parts[2::2], strict=True)).get(title, "")


def _works(text: str) -> tuple[str, ...]:
    """Split at ";" between works; what has no year belongs to the work before."""
    works: list[str] = []
    for piece in _line(text).split("; "):
        if works and not _YEAR.search(piece):
            works[-1] += f"; {piece}"
        elif piece:
            works.append(piece)
    return tuple(work.rstrip(". ") for work in works)
