"""Sentences about abnormal volatility."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import ModelError, OptionError, PanelError


def volatility_without_forecast(model: str) -> ModelError:
    return ModelError(
        f"measure='garch' needs a model that forecasts the variance of each event day, and "
        f"{model} does not; give study=es.EventStudy(model=es.GarchMarketModel())."
    )


def volatility_option_unused(option: str, measure: str) -> OptionError:
    return OptionError(
        f"{option}= means nothing for measure={measure!r}; leave it out, or ask for "
        f"measure='squared'."
    )


def ranges_without_fields(measure: str, needed: Sequence[str], absent: Sequence[str]) -> PanelError:
    return PanelError(
        f"measure={measure!r} needs the fields {', '.join(needed)} of the panel, and "
        f"{', '.join(absent)} is missing there; load it with "
        f"study.load(events, loader, fields=('open', 'high', 'low', 'close'))."
    )


def ranges_all_missing(measure: str) -> PanelError:
    return PanelError(
        f"measure={measure!r} found no day whose prices are above zero and in order (low ≤ open, "
        f"close ≤ high, low < high); look at the fields of the panel."
    )
