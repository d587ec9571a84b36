"""Sentences about the night and the day of a session."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import ModelError, PanelError
from eventstudy.errors.wording import listed


def halves_without_field(name: str, known: Sequence[str]) -> PanelError:
    return PanelError(
        f"The panel has no field `{name}` (there: {listed(known) or 'none'}); the night and the "
        f"day apart need open and close: load them by study.load(..., fields=('open', 'close'))."
    )


def halves_of_no_ticker(name: str) -> PanelError:
    return PanelError(
        f"`{name}` has no session with both an open and a close, so it cannot be parted into night "
        f"and day; load both for it, or use a ticker that has them in its place."
    )


def halves_of_other_prices(ticker: str, since: str, median: float) -> PanelError:
    return PanelError(
        f"Open and close of {ticker} are not of one kind: in the sessions from {since} the median "
        f"close is {median:+.0%} from its open; give both as traded, or both adjusted."
    )


def halves_across_gaps(model: str) -> ModelError:
    return ModelError(
        f"{model} measures returns over several sessions, which have no night and day of their "
        f"own; use another model, such as es.MarketModel()."
    )
