"""The text of a query: named parameters out, the placeholders of a driver in.

A value never becomes text. Each parameter is replaced by a placeholder, and the driver binds the
value to it; `:tickers` becomes one placeholder a ticker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from eventstudy import errors

#: what a query may ask for, and what it gets
PARAMETERS = ("tickers", "start", "end", "day_after", "start_int", "end_int")
#: how a driver wants the placeholder of its n-th value (PEP 249, and $1 as PostgreSQL has it)
STYLES = {
    "qmark": "?",
    "format": "%s",
    "format, quotes as they are": "%s",
    "numeric": ":{n}",
    "numeric_dollar": "${n}",
    "named": ":p{n}",
    "pyformat": "%(p{n})s",
    "pyformat, % as it is": "%(p{n})s",
}
#: comments (in comments, as in PostgreSQL), literals, quoted names and casts may hold colons that
#: are no parameters
_PIECES = re.compile(
    r"""
    --[^\n]*
  | /\*(?:(?!/\*|\*/).|/\*(?:(?!/\*|\*/).)*\*/)*\*/ | /\*.*?\*/
  | \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*`
  | (?<![\w$])\$(?P<tag>\w*)\$.*?\$(?P=tag)\$
  | ::
  | (?<!\w):(?P<name>[A-Za-z_]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
#: what pg8000 reads over in its search for %
_QUOTED = re.compile(
    r"""(--[^\n]*|\bE'(?:[^'\\]|\\.)*'|'[^']*'|"[^"]*"|\$\$.*?\$\$)|%""", re.DOTALL
)

Bound = tuple[object, ...] | dict[str, object]


def parameters(query: str) -> list[re.Match[str]]:
    """Find the parameters of a query, in their order; an unknown name is refused."""
    found = [piece for piece in _PIECES.finditer(query) if piece["name"]]
    for piece in found:
        if piece["name"] not in PARAMETERS:
            raise errors.sql_unknown_parameter(piece["name"], PARAMETERS)
    return found


def bind(query: str, values: Mapping[str, object], style: str) -> tuple[str, Bound | None]:
    """Write a driver's placeholders, and list the values that go with them."""
    found = parameters(query)
    if not found:
        return query, None
    text: list[str] = []
    bound: list[object] = []
    at = 0
    for piece in found:
        between = query[at : piece.start()]
        given = list(_each(values[piece["name"]]))
        marks = [STYLES[style].format(n=len(bound) + k) for k in range(1, len(given) + 1)]
        bare = re.search(r"\bin\s*$", between, re.IGNORECASE)
        text += [_escaped(between, style)]
        text += [f"({', '.join(marks)})" if bare else ", ".join(marks)]
        bound += given
        at = piece.end()
    text += [_escaped(query[at:], style)]
    if "p{n}" in STYLES[style]:
        return "".join(text), {f"p{n}": value for n, value in enumerate(bound, 1)}
    return "".join(text), tuple(bound)


def _escaped(text: str, style: str) -> str:
    """Write %% for % where a driver looks for placeholders: most of them in literals too."""
    if style in ("format", "pyformat"):
        return text.replace("%", "%%")
    if style == "format, quotes as they are":
        return _QUOTED.sub(lambda found: found[1] or "%%", text)
    return text


def _each(value: object) -> Iterator[object]:
    yield from value if isinstance(value, tuple) else (value,)
