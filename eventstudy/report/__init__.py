"""What people see: tables, sentences, the summary and the pictures.

The layer knows DataFrames and matplotlib, never the study they come from. Rounding exists
only here; every number before this layer stays a number.
"""

from eventstudy.report.bar_plot import draw_bars
from eventstudy.report.cars_plot import draw_cars
from eventstudy.report.cells import percent
from eventstudy.report.chance_plot import draw_chance
from eventstudy.report.days_plot import draw_days
from eventstudy.report.equity_plot import (
    draw_backtest,
    draw_drawdown,
    draw_equity,
    draw_trades,
)
from eventstudy.report.explained import Explained
from eventstudy.report.halves_plot import draw_halves
from eventstudy.report.heat_plot import draw_grid
from eventstudy.report.lines import wrap
from eventstudy.report.long_run_plot import draw_long_run
from eventstudy.report.measures import RETURNS, Measure, Multiple
from eventstudy.report.names import beyond, name_of_test
from eventstudy.report.news_days import NewsDays
from eventstudy.report.one_event import Amount, SingleEvent
from eventstudy.report.one_event_plot import draw_one_event
from eventstudy.report.pages import Page
from eventstudy.report.path_plot import draw_paths
from eventstudy.report.sentences import Finding, sentence
from eventstudy.report.size_plot import draw_calibration, draw_powers, draw_sizes
from eventstudy.report.specification_plot import draw_specifications
from eventstudy.report.summary import Facts, Summary
from eventstudy.report.tables import html_table, text_table
from eventstudy.report.threshold_plot import draw_thresholds
from eventstudy.report.timeline_plot import draw_timeline

__all__ = [
    "RETURNS",
    "Amount",
    "Explained",
    "Facts",
    "Finding",
    "Measure",
    "Multiple",
    "NewsDays",
    "Page",
    "SingleEvent",
    "Summary",
    "beyond",
    "draw_backtest",
    "draw_bars",
    "draw_calibration",
    "draw_cars",
    "draw_chance",
    "draw_days",
    "draw_drawdown",
    "draw_equity",
    "draw_grid",
    "draw_halves",
    "draw_long_run",
    "draw_one_event",
    "draw_paths",
    "draw_powers",
    "draw_sizes",
    "draw_specifications",
    "draw_thresholds",
    "draw_timeline",
    "draw_trades",
    "html_table",
    "name_of_test",
    "percent",
    "sentence",
    "text_table",
    "wrap",
]
