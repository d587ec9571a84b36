"""Event studies: abnormal = actual − expected, on an array of events × days.

A *loader* says what was actual, a *model* what was expected, a *test* whether the average
could be luck::

    import eventstudy as es

    events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    study = es.EventStudy(model=es.MarketModel())
    panel = study.load(events, es.loaders.sample, market="SPY")
    result = study.run(events, panel)
    print(result)

Every name is imported when it is first used, so that ``import eventstudy`` stays quick.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING

# a library is silent unless its user listens: `logging.basicConfig()` is enough
logging.getLogger("eventstudy").addHandler(logging.NullHandler())

if TYPE_CHECKING:
    from eventstudy import (
        activity,
        catalysts,
        errors,
        factors,
        inference,
        loaders,
        sources,
        testing,
        universe,
    )
    from eventstudy.align import Timing
    from eventstudy.arrays import Block, Fit, Statistic
    from eventstudy.backtest import Backtest, Costs, Limits, Rule
    from eventstudy.calibration import Calibration, Curve, Preview
    from eventstudy.errors import EventStudyError
    from eventstudy.events import events_on, read_events, screen
    from eventstudy.longrun import (
        BuyAndHold,
        CalendarPortfolio,
        CalendarTime,
        ControlFirms,
        LongRun,
        ReferencePortfolios,
    )
    from eventstudy.models import (
        CAPM,
        BenchmarkPortfolio,
        Carhart4,
        Dimson,
        ElasticNetModel,
        FactorModel,
        FamaFrench3,
        FamaFrench5,
        FamaFrench6,
        GarchMarketModel,
        MarketAdjusted,
        MarketModel,
        MeanAdjusted,
        RawReturn,
        RobustMarketModel,
        ScholesWilliams,
        SyntheticControl,
        TradeToTrade,
    )
    from eventstudy.panel import Panel
    from eventstudy.progress import show_progress
    from eventstudy.result import Result, etable
    from eventstudy.rolling import detect
    from eventstudy.study import EventStudy
    from eventstudy.windows import Window

__all__ = [
    "CAPM",
    "Backtest",
    "BenchmarkPortfolio",
    "Block",
    "BuyAndHold",
    "CalendarPortfolio",
    "CalendarTime",
    "Calibration",
    "Carhart4",
    "ControlFirms",
    "Costs",
    "Curve",
    "Dimson",
    "ElasticNetModel",
    "EventStudy",
    "EventStudyError",
    "FactorModel",
    "FamaFrench3",
    "FamaFrench5",
    "FamaFrench6",
    "Fit",
    "GarchMarketModel",
    "Limits",
    "LongRun",
    "MarketAdjusted",
    "MarketModel",
    "MeanAdjusted",
    "Panel",
    "Preview",
    "RawReturn",
    "ReferencePortfolios",
    "Result",
    "RobustMarketModel",
    "Rule",
    "ScholesWilliams",
    "Statistic",
    "SyntheticControl",
    "Timing",
    "TradeToTrade",
    "Window",
    "activity",
    "catalysts",
    "detect",
    "errors",
    "etable",
    "events_on",
    "factors",
    "inference",
    "loaders",
    "read_events",
    "screen",
    "show_progress",
    "sources",
    "testing",
    "universe",
]

#: the module of each name that is not a module itself
_HOME = {
    "align": ("Timing",),
    "arrays": ("Block", "Fit", "Statistic"),
    "backtest": ("Backtest", "Costs", "Limits", "Rule"),
    "calibration": ("Calibration", "Curve", "Preview"),
    "errors": ("EventStudyError",),
    "events": ("events_on", "read_events", "screen"),
    "longrun": (
        "BuyAndHold",
        "CalendarPortfolio",
        "CalendarTime",
        "ControlFirms",
        "LongRun",
        "ReferencePortfolios",
    ),
    "models": (
        "CAPM",
        "BenchmarkPortfolio",
        "Carhart4",
        "Dimson",
        "ElasticNetModel",
        "FactorModel",
        "FamaFrench3",
        "FamaFrench5",
        "FamaFrench6",
        "GarchMarketModel",
        "MarketAdjusted",
        "MarketModel",
        "MeanAdjusted",
        "RawReturn",
        "RobustMarketModel",
        "ScholesWilliams",
        "SyntheticControl",
        "TradeToTrade",
    ),
    "panel": ("Panel",),
    "progress": ("show_progress",),
    "result": ("Result", "etable"),
    "rolling": ("detect",),
    "study": ("EventStudy",),
    "windows": ("Window",),
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is asked for (PEP 562)."""
    if name not in __all__:
        raise AttributeError(
            f"module 'eventstudy' has no attribute {name!r}", name=name, obj=sys.modules[__name__]
        )  # with both Python names the nearest
    if name not in _MODULE_OF:
        return import_module(f"eventstudy.{name}")
    value: object = getattr(import_module(f"eventstudy.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
