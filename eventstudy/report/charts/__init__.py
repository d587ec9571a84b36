"""The pictures of a report: figures that Plotly draws, as plain dicts, from the same tables.

Returns stand in them as percent with six significant digits; what is not finite is None. Every
name that a user gave is escaped and shortened, since Plotly reads markup in texts.
"""

from eventstudy.report.charts.bars import bars_chart
from eventstudy.report.charts.cars import cars_chart
from eventstudy.report.charts.heat import heat_chart
from eventstudy.report.charts.paths import path_chart
from eventstudy.report.charts.specifications import curve_chart
from eventstudy.report.charts.timeline import timeline_chart
from eventstudy.report.charts.trading import equity_chart, trades_chart

__all__ = [
    "bars_chart",
    "cars_chart",
    "curve_chart",
    "equity_chart",
    "heat_chart",
    "path_chart",
    "timeline_chart",
    "trades_chart",
]
