"""The long run: what firms earned in the year after their event."""

from eventstudy.longrun.buy_and_hold import BuyAndHold
from eventstudy.longrun.calendar_outcome import CalendarPortfolio
from eventstudy.longrun.calendar_time import CalendarTime
from eventstudy.longrun.controls import ControlFirms
from eventstudy.longrun.outcome import LongRun
from eventstudy.longrun.reference import ReferencePortfolios

__all__ = [
    "BuyAndHold",
    "CalendarPortfolio",
    "CalendarTime",
    "ControlFirms",
    "LongRun",
    "ReferencePortfolios",
]
