"""Every window of every security, and the days on which something happened."""

from eventstudy.rolling.detection import detect
from eventstudy.rolling.table import every_window, scannable
from eventstudy.rolling.value import Rolling

__all__ = ["Rolling", "detect", "every_window", "scannable"]
