"""What ``repr`` says of an object: one line, whatever stands in the data.

Designs are written as the call that makes them again, results as ``<Kind: facts>``. The page of
a result is its ``str``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import partial
from typing import Any

#: columns that no ``repr`` exceeds
MOST = 100
#: columns of a name that somebody else gave: a ticker, a model of one's own
_NAME = 24
#: items of a list or a mapping that a ``repr`` shows
_ITEMS = 2

#: field metadata: written whatever its value, without its name or with it
PLAIN = {"written": "plain"}
NAMED = {"written": "named"}


def clean(text: str) -> str:
    r"""Replace line breaks, tabs and control characters by spaces, drop invisible ones.

    >>> clean("two\nlines\x1b[31m")
    'two lines [31m'
    """
    if text.isascii() and text.isprintable():  # nearly every cell of a table
        return " ".join(text.split())
    kept = (
        " " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Cs"}
    )
    return " ".join("".join(kept).split())


def width_of(text: str) -> int:
    r"""Return the columns that ``text`` takes on a terminal.

    >>> width_of("IREN"), width_of("矿工"), width_of("r\u0304")
    (4, 4, 1)
    """
    return sum(map(_columns, text))


def _columns(c: str) -> int:
    if c.isascii():
        return 1
    if unicodedata.category(c) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(c) in {"W", "F"} else 1


def shorten(text: str, width: int) -> str:
    """Cut ``text`` to ``width`` columns, the last one an ellipsis.

    >>> shorten("concurrent financing", 10)
    'concurren…'
    """
    text = clean(text[: 8 * width])
    if width_of(text) <= width:
        return text
    while width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def short(text: object) -> str:
    """A ticker, a column or a model's name, on one line and not too long."""
    return shorten(str(text), _NAME)


def ending(path: str, width: int = MOST - 20) -> str:
    """The end of a path, which says more than its beginning.

    >>> ending("/home/somebody/prices.csv", 12)
    '…/prices.csv'
    """
    return path if len(path) <= width else "…" + path[1 - width :]


def many(count: int, noun: str) -> str:
    """Say how many.

    >>> many(1, "event"), many(100_000, "event")
    ('1 event', '100,000 events')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def about(thing: object, *facts: str) -> str:
    """``<Kind: fact, fact>``; facts that are empty are left out.

    >>> about(Exception(), "13 events", "", "window [-10,+10]")
    '<Exception: 13 events, window [-10,+10]>'
    """
    said = ", ".join(fact for fact in facts if fact)
    return f"<{shorten(f'{type(thing).__name__}: {said}', MOST - 2)}>"


def shapes(thing: Any) -> str:  # noqa: ANN401  (any dataclass)
    """``<Kind: field (shape), …>`` of a dataclass of arrays: a ``__repr__``."""
    held = {f.name: getattr(thing, f.name) for f in fields(thing) if f.repr}
    facts = [f"{key} {_shape(value)}" for key, value in held.items() if hasattr(value, "shape")]
    return about(thing, *facts)


def _shape(value: Any) -> str:  # noqa: ANN401  (an array or a table)
    return "×".join(map(str, value.shape)) or "()"


# ── designs, as the call that makes them ─────────────────────────────────────────────────────
def call(thing: object) -> str:
    """The call that makes a dataclass again, options by default left out: a ``__repr__``."""
    whole = spelled(thing)
    if width_of(whole) <= MOST and whole.isprintable():
        return whole
    return shorten(spelled(thing, items=_ITEMS), MOST)


def spelled(value: object, *, prefix: str = "", items: int | None = None) -> str:
    """Python that makes ``value`` again, where that is possible.

    Parameters
    ----------
    value : object
        A design as `EventStudy`, or what an option of one can be.
    prefix : str
        Written before the names of the package, such as "es.".
    items : int, optional
        How many items of a list to write; by default all, so that the text can be run.
    """
    write = partial(spelled, prefix=prefix, items=items)
    if is_dataclass(value) and not isinstance(value, type):
        ours = type(value).__module__.partition(".")[0] == "eventstudy"
        called = getattr(type(value), "_WRITTEN", type(value).__name__)
        return f"{prefix if ours and called else ''}{called}({_arguments(value, write)})"
    if isinstance(value, Mapping):
        pairs = [f"{write(k)}: {write(v)}" for k, v in value.items()]
        return f"{{{_some(pairs, items)}}}"
    if type(value) in (tuple, list) and isinstance(value, Sequence):
        inside = _some([write(item) for item in value], items)
        single = "," if isinstance(value, tuple) and len(value) == 1 else ""
        return f"({inside}{single})" if isinstance(value, tuple) else f"[{inside}]"
    return _plain(value)


def _plain(value: Any) -> str:  # noqa: ANN401  (anything that is no container)
    if getattr(value, "shape", None) == ():  # a number of NumPy, as the number it is
        return repr(value.item())
    if value is None or isinstance(value, (str, bool, int, float)):
        return repr(value)
    if hasattr(value, "shape"):  # a table or an array cannot be written in a line
        return f"<{type(value).__name__} {_shape(value)}>"
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    if not any("__repr__" in vars(kind) for kind in type(value).__mro__[:-1]):
        return f"<{type(value).__name__}>"  # an address would say nothing
    return repr(value)


def _some(parts: list[str], items: int | None) -> str:
    if items is None or len(parts) <= items:
        return ", ".join(parts)
    return ", ".join([*parts[:items], f"… {len(parts) - items} more"])


def _arguments(thing: Any, write: Callable[[object], str]) -> str:  # noqa: ANN401  (a dataclass)
    """Arguments of the call: what must be given, and what differs from its default."""
    said: list[str] = []
    named: bool = False
    for f in fields(thing):
        value = getattr(thing, f.name)
        written = f.metadata.get("written")
        required = f.default is MISSING and f.default_factory is MISSING
        shown = f.init and (f.repr or required)
        if not shown or not (written or _differs(f, value)):
            named = True  # what follows an argument that is left out needs its name
            continue
        named = named or bool(f.kw_only) or not (written == "plain" or required)
        said.append(f"{f.name}={write(value)}" if named else write(value))
    return ", ".join(said)


def _differs(f: Field[Any], value: object) -> bool:
    if f.default is not MISSING:
        default = f.default
    elif f.default_factory is not MISSING:
        default = f.default_factory()
    else:
        return True
    try:
        return value is not default and bool(value != default)
    except (TypeError, ValueError):  # an array, a table
        return True
