"""Lines of text on a terminal: how wide they are and where they break."""

from __future__ import annotations

from eventstudy.one_line import clean, shorten, width_of

__all__ = ["WIDTH", "clean", "pad", "shorten", "width_of", "wrap"]

#: columns of a terminal: nothing that is printed is wider
WIDTH = 80


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Fill ``text`` with spaces up to ``width`` columns, on the left if ``right``.

    >>> pad("7", 3, right=True) + pad("x", 3)
    '  7x  '
    """
    gap = " " * (width - width_of(text))
    return gap + text if right else text + gap


def wrap(text: str, width: int = WIDTH, indent: str = "") -> list[str]:
    """Break ``text`` into lines of at most ``width`` columns; later ones begin with ``indent``.

    A number stays beside its sign (``-0.8 %``, ``p = 0.84``); words that are longer than a
    line are cut, so that the width holds for any text.

    >>> wrap("the valid test gives p = 0.84", 12, "  ")
    ['the valid', '  test gives', '  p = 0.84']
    >>> wrap("gives p < 0.001", 9)
    ['gives', 'p < 0.001']
    """
    lines: list[str] = []
    line, empty = "", True
    glued = clean(text).replace(" %", "\0%").replace(" = ", "\0=\0").replace(" < ", "\0<\0")
    for word in glued.split(" "):
        for piece in _pieces(word.replace("\0", " "), max(width - len(indent), 2)):
            joined = line + piece if empty else f"{line} {piece}"
            if not empty and width_of(joined) > width:
                lines.append(line)
                joined = indent + piece
            line, empty = joined, False
    return [*lines, line]


def _pieces(word: str, width: int) -> list[str]:
    """Cut a word that is wider than a line."""
    if width_of(word) <= width:
        return [word]
    pieces = [""]
    for c in word:
        if width_of(pieces[-1] + c) > width:
            pieces.append("")
        pieces[-1] += c
    return pieces
