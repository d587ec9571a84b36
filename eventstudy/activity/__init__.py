"""Activity around events: volume, volatility, and the night apart from the day."""

from eventstudy.activity.log_volume import volume
from eventstudy.activity.night_and_day import NightAndDay, overnight
from eventstudy.activity.outcome import Activity
from eventstudy.activity.variance_outcome import Volatility
from eventstudy.activity.volatilities import volatility

__all__ = ["Activity", "NightAndDay", "Volatility", "overnight", "volatility", "volume"]
