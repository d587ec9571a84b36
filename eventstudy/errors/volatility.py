"""Sentences about abnormal volatility."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import ModelError, OptionError, PanelError
from eventstudy.errors.wording import listed


def volatility_without_forecast(model: str) -> ModelError:
    return ModelError(
        f"measure='garch' needs a model that forecasts the variance of each event day, and "
        f"{model} does not; give study=es.EventStudy(model=es.GarchMarketModel())."
    )


def volatility_option(option: str, measure: str, known: Sequence[str]) -> OptionError:
    return OptionError(
        f"measure={measure!r} takes no option {option!r}; its options are {', '.join(known)}."
    )


def ranges_without_fields(measure: str, needed: Sequence[str], absent: Sequence[str]) -> PanelError:
    return PanelError(
        f"measure={measure!r} needs the fields {', '.join(needed)} of the panel, and "
        f"it has no {', '.join(absent)}; load them with "
        f"study.load(events, loader, fields=('open', 'high', 'low', 'close'))."
    )


def ranges_of_nobody(measure: str, asked: Sequence[object]) -> PanelError:
    return PanelError(
        f"measure={measure!r} found no day of {listed(asked)} whose prices are above zero and in "
        f"order (low ≤ open, close ≤ high, low < high); look at the fields of the panel."
    )
