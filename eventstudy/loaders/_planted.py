"""The effects that simulated prices plants on the catalogue's dates: the known truth.

A shock is one piece of news for one miner. Its abnormal return is added to the miner's simple
return on day 0, for deals also on the day after. Nothing is planted for the catalogue's other
categories, for deals between other companies, nor for rows of low confidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: category → abnormal simple return on day 0, day 1, …
EFFECTS: dict[str, tuple[float, ...]] = {
    "nvidia": (0.010,),
    "capex": (0.015,),
    "earnings": (0.005,),
    "deal": (0.060, 0.010),
}
#: of several reports that reach a miner on one day 0, the first of these is the shock
REPORTS = ("nvidia", "capex", "earnings")


def truth() -> pd.DataFrame:
    """Category, event day and planted abnormal return."""
    rows = [(name, day, e) for name, effects in EFFECTS.items() for day, e in enumerate(effects)]
    return pd.DataFrame(rows, columns=["category", "day", "effect"])


@cache
def shocks() -> pd.DataFrame:
    """News of the catalogue that reached a miner: event_id, ticker, date, session, category."""
    from eventstudy import catalysts
    from eventstudy.universe import MINERS

    news = catalysts.expand(catalysts.load(), list(MINERS), who="sector")
    own = news["catalyst"] == news.index  # an expanded event carries its ticker in its id
    news = news[news["category"].isin(REPORTS) | (own & (news["category"] == "deal"))]
    return news[["ticker", "date", "session", "category"]].rename_axis("event_id").reset_index()


def day_zero(news: pd.DataFrame, sessions: NDArray[np.datetime64]) -> NDArray[np.intp]:
    """Find the row of day 0: the date itself, after the close the next day, rolled forward."""
    dates = news["date"].to_numpy().astype("datetime64[D]")
    late = (news["session"] == "after_close").to_numpy()
    return np.searchsorted(sessions, dates + late)


def plant(sessions: NDArray[np.datetime64], since: Mapping[str, str]) -> pd.DataFrame:
    """One row for each shock and event day: where it lies and what is added to the return.

    A shock needs a return, so the miner must have been listed (`since`) before that session.
    `total` is the sum over all shocks of the ticker on that session.
    """
    news = shocks()
    news = news.assign(
        row=day_zero(news, sessions),
        kind=np.where(news["category"].isin(REPORTS), "report", "deal"),
        rank=news["category"].map({name: k for k, name in enumerate(EFFECTS)}),
    )
    news = news.sort_values(["row", "ticker", "rank", "event_id"])
    # one shock, one effect: a second report (or deal) that meets the same day 0 adds nothing
    news = news.drop_duplicates(["row", "ticker", "kind"])
    planted = news.rename(columns={"session": "announced"}).merge(truth(), on="category")
    planted["row"] += planted["day"]
    planted = planted[planted["row"] < len(sessions)]
    at = sessions[planted["row"].to_numpy()]
    planted = planted.assign(session=pd.DatetimeIndex(at).as_unit("ns"))
    listed = planted["ticker"].map(since).to_numpy().astype("datetime64[D]")
    planted = pd.DataFrame(planted[at > listed])
    planted = planted.sort_values(["row", "ticker", "rank"], ignore_index=True)
    planted["total"] = planted.groupby(["ticker", "row"])["effect"].transform("sum")
    return planted
