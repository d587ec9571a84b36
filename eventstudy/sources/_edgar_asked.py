"""What `edgar` is asked for: read, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.events import day_of

Ciks = int | str | Iterable[int | str] | Mapping[str, int | str]


@dataclass(frozen=True)
class Wanted:
    """Which filings become events."""

    forms: tuple[str, ...]
    #: items of an 8-K, one of which it must have; none: all 8-Ks
    items: tuple[str, ...]
    since: pd.Timestamp | None
    until: pd.Timestamp | None
    calendar: str | None

    @classmethod
    def of(
        cls, forms: object, items: object, since: object, until: object, calendar: str | None
    ) -> Wanted:
        """Check what was asked for."""
        first, last = (None if day is None else day_of(day) for day in (since, until))
        return cls(_texts("forms", forms), _items(items), first, last, calendar)

    def chosen(self, filings: pd.DataFrame) -> pd.DataFrame:
        """Those of the right form and, if they are 8-Ks, with one of the items."""
        right = filings["form"].str.upper().isin(self.forms)
        if self.items:
            held = filings["items"].str.findall(r"\d\.\d\d")
            without = held.map(set(self.items).isdisjoint).astype(bool)
            right &= ~(without & filings["form"].str.startswith("8-K"))
        return filings[right]


def filers_of(ciks: object) -> dict[str, int]:
    """Name → CIK, in the order asked: a ticker where one is given, else the CIK as text."""
    if isinstance(ciks, Mapping):
        if any(not isinstance(name, str) or not name.strip() for name in ciks):
            raise errors.loader_names("ciks", list(ciks))
        found = {name: _cik(value) for name, value in ciks.items()}
    else:
        one = not isinstance(ciks, Iterable) or isinstance(ciks, (str, bytes))
        given: Iterable[object] = [ciks] if one else list(cast("Iterable[object]", ciks))
        numbers = [_cik(each) for each in given]
        found = {str(number): number for number in numbers}
    if not found:
        raise errors.loader_names("ciks", ciks)
    return found


def _cik(value: object) -> int:
    whole = isinstance(value, (str, int, np.integer)) and not isinstance(value, bool)
    text = str(value).strip().upper().removeprefix("CIK")
    if not whole or not re.fullmatch(r"[0-9]{1,10}", text) or not int(text):
        raise errors.edgar_cik(value)
    return int(text)


def agent_of(value: object) -> str:
    """A name and an address; the sentence that refuses does not repeat them."""
    text = value.strip() if isinstance(value, str) else ""
    good = text.isascii() and text.isprintable()
    if not good or not re.search(r"\S\s.*[^\s@]@[^\s@]+\.[^\s@]+", text):
        raise errors.edgar_user_agent()
    return text


def _texts(option: str, value: object) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, Iterable) or isinstance(texts, (bytes, Mapping)):
        raise errors.loader_names(option, value)
    given = list(texts)
    if not given or any(not isinstance(text, str) or not text.strip() for text in given):
        raise errors.loader_names(option, value)
    return tuple(dict.fromkeys(text.strip().upper() for text in given))


def _items(value: object) -> tuple[str, ...]:
    if value is None or (isinstance(value, (tuple, list)) and not value):
        return ()
    texts = _texts("items", value)
    for text in texts:
        if not re.fullmatch(r"\d\.\d\d", text):
            raise errors.edgar_item(text)
    return texts
