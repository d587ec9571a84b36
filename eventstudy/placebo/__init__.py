"""The same events on days without any news: placebo dates and what is measured there.

`admissible` says which sessions could stand for the day 0 of a security, `placebo_dates` draws
dates for all events together, `measure` runs the engine over every firm and session that was
drawn, once, and `placebo_p` compares the true average with those of the draws.
"""

from eventstudy.placebo.dates import Placebos, admissible, placebo_dates, volatility_strata
from eventstudy.placebo.measuring import Measured, measure, placebo_p

__all__ = [
    "Measured",
    "Placebos",
    "admissible",
    "measure",
    "placebo_dates",
    "placebo_p",
    "volatility_strata",
]
