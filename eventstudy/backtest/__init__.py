"""What trading the events would have earned: a rule, its trades, its profit and loss by day."""

from eventstudy.backtest.outcome import Backtest
from eventstudy.backtest.rule import Rule
from eventstudy.backtest.terms import Costs, Limits

__all__ = ["Backtest", "Costs", "Limits", "Rule"]
