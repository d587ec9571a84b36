"""Every window of every security, and the days on which something happened."""

from eventstudy.rolling.table import every_window, scannable
from eventstudy.rolling.value import Rolling

__all__ = ["Rolling", "every_window", "scannable"]
