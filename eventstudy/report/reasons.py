"""Why events are dropped, in words."""

from __future__ import annotations

from eventstudy.arrays import Reason

#: what each reason means to a reader who has not read the rules
_MEANINGS = {
    Reason.UNKNOWN_TICKER: "the prices have no such ticker",
    Reason.NOT_TRADING_DAY: "its date is no session",
    Reason.SHIFT: "the next session is too far away",
    Reason.BEFORE_DATA: "it or its window lies before the first price",
    Reason.AFTER_DATA: "it or its window lies after the last price",
    Reason.NO_EVENT_DATA: "no return in its event window",
    Reason.MISSING_IN_WINDOW: "a return is missing in its event window",
    Reason.MIN_EST: "too few returns before it",
    Reason.NOT_OWN_PRICE: "the prices are another company's",
    Reason.ZERO_VARIANCE: "its returns or residuals before it do not move",
    Reason.COLLINEAR: "the factors cannot be told apart before it",
    Reason.DUPLICATE: "another event of the ticker has the same day 0",
    Reason.FACTOR_MISSING: "a factor of the model is missing around it",
}


def meaning(reason: object) -> str:
    """Say in words why an event was dropped.

    >>> meaning("min_est")
    'too few returns before it'
    >>> meaning("a reason of another table")
    ''
    """
    return {str(known): said for known, said in _MEANINGS.items()}.get(str(reason), "")
