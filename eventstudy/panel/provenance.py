"""Where the numbers of a panel come from, and a fingerprint that tells two panels apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy.arrays import FloatArray

if TYPE_CHECKING:
    from eventstudy.panel.panel import Panel

#: hexadecimal digits of the fingerprint that a summary shows
SHOWN = 8
#: rows of marks that are packed together, a multiple of eight
_TOGETHER = 512


@dataclass(frozen=True)
class Provenance:
    """What the source of the prices said when they were loaded.

    Examples
    --------
    >>> Provenance("Yahoo Finance", "2026-11-22T05:20:00Z").cause("SPY")
    ''
    """

    #: short name of the source, as a loader gives it in ``attrs["source"]``
    source: str = ""
    #: when the source was asked (the latest time, if several), ISO text in UTC; empty for files
    fetched: str = ""
    #: choices of the loader that change the numbers
    options: Mapping[str, Any] = field(default_factory=dict)
    #: ticker → what happened to it: status, rows, first, last, …
    report: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    #: what a table of factors said of itself: source, fetched, vintage, sha256, …
    factors: Mapping[str, Any] = field(default_factory=dict)
    #: what was made of codes and delisting returns on the way in, a phrase each
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, frame: pd.DataFrame, factors: object = None) -> Provenance:
        """Read what a loader wrote into ``frame.attrs``, and what stands in those of factors."""
        attrs = frame.attrs
        return cls(
            source=str(attrs.get("source", "")),
            fetched=str(attrs.get("fetched") or ""),
            options=_mapping(attrs.get("options")),
            report={str(k): _mapping(v) for k, v in _mapping(attrs.get("report")).items()},
            factors=_mapping(getattr(factors, "attrs", None)),
        )

    def cause(self, ticker: str) -> str:
        """Why a ticker has no prices, if the loader said so: ``timeout: no answer in 10 s``."""
        told = self.report.get(ticker, {})
        status = str(told.get("status", "ok"))
        if status == "ok":
            return ""
        detail = str(told.get("detail") or "")
        return f"{status}: {detail}" if detail else status


def _mapping(value: object) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def fingerprint(panel: Panel) -> str:
    """SHA-256 of everything in a panel that a study's numbers depend on, as 64 hex digits.

    Equal for equal numbers: the order of the tickers does not matter, nor how a missing value
    or a zero is stored. Prices that come out of a cache have the fingerprint of the first day.
    """
    rows = sorted(range(len(panel.tickers)), key=panel.tickers.__getitem__)
    masked = panel.masked if panel.masked is not None and panel.masked.any() else None
    named = {
        "kind": panel.kind,
        "market": panel.market,
        "sessions": len(panel.sessions),
        "tickers": [panel.tickers[row] for row in rows],
        "fields": sorted(panel.fields),
        "factors": panel.factor_names,
        "risk_free": panel.risk_free is not None,
        "masked": masked is not None,
    }
    # the names say how many numbers follow and what they are
    found = hashlib.sha256(json.dumps(named).encode())
    found.update(panel.sessions.astype("datetime64[D]").astype("<i8").tobytes())
    for values in (panel.returns, *(panel.fields[name] for name in sorted(panel.fields))):
        for row in rows:
            found.update(_plain(values[row]))
    found.update(_plain(panel.factors))
    if panel.risk_free is not None:
        found.update(_plain(panel.risk_free))
    if masked is not None:
        for start in range(0, len(rows), _TOGETHER):  # whole bytes, whatever the sessions
            found.update(np.packbits(masked[rows[start : start + _TOGETHER]]).tobytes())
    return found.hexdigest()


def _plain(values: FloatArray) -> bytes:
    """Bytes of numbers in one form: one kind of NaN, one kind of zero, little end first."""
    known = np.asarray(values, dtype="<f8") + 0.0  # −0 + 0 is 0
    known[np.isnan(known)] = np.nan
    return known.tobytes()


def told(panel: Panel) -> str:
    """One line of provenance: the source, the day it was asked, the fingerprint's first digits."""
    known = panel.provenance
    day = f"fetched {known.fetched[:10]}" if known.fetched else ""
    parts = (known.source or "a table", day, f"sha256 {panel.fingerprint[:SHOWN]}")
    return ", ".join(part for part in parts if part)


def record(panel: Panel) -> dict[str, Any]:
    """Everything that is known of where the numbers came from, as plain values."""
    known = panel.provenance
    return {
        "source": known.source,
        "fetched": known.fetched,
        "options": dict(known.options),
        "sha256": panel.fingerprint,
        "report": {ticker: dict(said) for ticker, said in known.report.items()},
        "factors": dict(known.factors),
        "notes": list(known.notes),
    }
