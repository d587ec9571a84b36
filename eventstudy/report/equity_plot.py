"""What a rule earned: the equity, its falls, and the profit of each trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eventstudy import errors
from eventstudy.report import cells
from eventstudy.report.drawing import (
    DARK,
    DOWN,
    FONT,
    PALE,
    UP,
    axes_of,
    dated_axis,
    dress,
    fitting,
    inches,
    percent_axis,
    plain,
)
from eventstudy.report.labels import footnote, legend_above, name_rows, write_heading, write_title
from eventstudy.report.lines import shorten
from eventstudy.report.panels import several, split

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

#: trades that are named one by one; of more, so many of the best and of the worst
NAMED, EXTREME = 30, 4
#: inches below which all panels stand below each other
BESIDE = 6.0
#: letters of a name
LONGEST = 24


def draw_backtest(
    daily: pd.DataFrame,
    trades: pd.DataFrame,
    *,
    capital: float = 1.0,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> NDArray[np.object_]:
    """Draw equity over drawdown at the left, the profit of each trade at the right.

    Parameters
    ----------
    daily, capital
        As in `draw_equity`.
    trades
        As in `draw_trades`.
    ax : Axes, optional
        Its place is split in three; without it a figure is made.
    title : str, optional
        Above all three.
    source : str, optional
        A line below them, such as ``"simulated prices"``.

    Returns
    -------
    array of three Axes
    """
    own = ax is None
    ax = axes_of(ax, (12.0, 6.4), apart=0.1)
    if inches(ax)[0] < BESIDE:
        upper, lower, right = split(ax, 3, heights=(2.4, 1.4, 2.4))
        lower.sharex(upper)
    else:
        left, right = split(ax, 1, 2, widths=(1.7, 1.0))
        upper, lower = split(left, 2, heights=(2.4, 1.0), share="x")
    draw_equity(daily, capital=capital, ax=upper, title=None if own else title)
    upper.tick_params(labelbottom=False)
    draw_drawdown(daily, capital=capital, ax=lower)
    draw_trades(trades, ax=right)
    if own:
        write_heading(ax, title)
    footnote(lower if own else right, source, own=own)
    return several(upper, lower, right)


def draw_equity(
    daily: pd.DataFrame,
    *,
    capital: float = 1.0,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the profit so far, net and before costs, over the exposure.

    Parameters
    ----------
    daily : DataFrame
        Index session; columns ``gross``, ``hedge``, ``net``, ``exposure``.
    capital : float
        What all are drawn as fractions of, in units of the table.
    ax, title, source
        As in `draw_paths`.

    Raises
    ------
    OptionError
        Without any session.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> daily = pd.DataFrame({"gross": [0.0, 0.02], "hedge": 0.0, "net": [-0.001, 0.019],
    ...                       "exposure": [0.0, 1.0]}, pd.date_range("2026-01-05", periods=2))
    >>> [line.get_label() for line in draw_equity(daily).lines][1:]
    ['before costs', 'net of costs']
    """
    own, ax = ax is None, _axes(daily, ax, "sessions")
    dates, unit = _dates(daily), _unit(capital)
    net = daily["net"].to_numpy(dtype=float)
    before = (daily["gross"] + daily["hedge"]).to_numpy(dtype=float)
    held = daily["exposure"].to_numpy(dtype=float) / unit
    ax.axhline(0.0, color=DARK, linewidth=0.8)
    ax.plot(dates, np.cumsum(before) / unit, color=PALE, linewidth=1.2, label="before costs")
    ax.plot(dates, np.cumsum(net) / unit, color=UP, linewidth=2.0, label="net of costs")
    # the exposure stands on the lower quarter, so that it does not cross the lines
    below = ax.twinx()
    shade = below.fill_between(dates, 0.0, held, step="mid", color=PALE, alpha=0.28, linewidth=0)
    shade.set_label("exposure")
    top = float(held.max(initial=0.0)) or 1.0
    below.set_ylim(0.0, 4.0 * top)
    below.set_yticks([0.0, top])
    below.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.3g} %")
    below.tick_params(labelsize=fitting(ax), colors=PALE)
    for side in ("top", "right", "left"):
        below.spines[side].set_visible(False)
    ax.set_zorder(below.get_zorder() + 1)
    ax.patch.set_visible(False)
    _room_below(ax)
    dress(ax)
    dated_axis(ax)
    ax.yaxis.set_major_formatter(percent_axis())
    ax.set_ylabel("profit so far, on the capital", fontsize=10)
    lines = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    write_title(ax, title, pad=legend_above(ax, [*lines[::-1], shade]))
    footnote(ax, source, own=own)
    return ax


def draw_drawdown(
    daily: pd.DataFrame,
    *,
    capital: float = 1.0,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw how far the equity lies below its highest value so far.

    Parameters
    ----------
    daily : DataFrame
        Index session; column ``net``.
    capital, ax, title, source
        As in `draw_equity`.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> daily = pd.DataFrame({"net": [0.02, -0.03]}, pd.date_range("2026-01-05", periods=2))
    >>> [text.get_text() for text in draw_drawdown(daily).texts]
    ['-3.00 %']
    """
    own, ax = ax is None, _axes(daily, ax, "sessions")
    dates, unit = _dates(daily), _unit(capital)
    equity = np.cumsum(daily["net"].to_numpy(dtype=float)) / unit
    below = np.minimum(equity - np.maximum(np.maximum.accumulate(equity), 0.0), 0.0)
    ax.fill_between(dates, below, 0.0, color=DOWN, alpha=0.35, linewidth=0)
    ax.plot(dates, below, color=DOWN, linewidth=1.0)
    low = int(below.argmin())
    ax.axhline(0.0, color=DARK, linewidth=0.8)
    ax.set_ylim(min(1.25 * float(below[low]), -1e-4), 0.0)
    if below[low] < 0:
        late = low > len(below) / 2
        ax.annotate(cells.percent(below[low]), (dates[low], below[low]), fontsize=FONT,
                    color=DARK, xytext=(-5 if late else 5, -3), textcoords="offset points",
                    ha="right" if late else "left", va="center")  # fmt: skip
    dress(ax)
    dated_axis(ax)
    ax.yaxis.set_major_formatter(percent_axis())
    ax.set_ylabel("drawdown", fontsize=10)
    write_title(ax, title)
    footnote(ax, source, own=own)
    return ax


def draw_trades(
    trades: pd.DataFrame,
    *,
    ax: Axes | None = None,
    title: str | None = None,
    source: str | None = None,
) -> Axes:
    """Draw the net profit of each trade, the best on top.

    Up to thirty trades are named; of more only the best and the worst.

    Parameters
    ----------
    trades : DataFrame
        Columns ``ticker``, ``enter``, ``net``.
    ax, title, source
        As in `draw_paths`.

    Raises
    ------
    OptionError
        Without any trade.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> trades = pd.DataFrame({"ticker": ["IREN", "HUT"], "net": [-0.02, 0.05],
    ...                        "enter": pd.to_datetime(["2026-01-05", "2026-01-08"])})
    >>> [tick.get_text() for tick in draw_trades(trades).get_yticklabels()]
    ['IREN 2026-01-05', 'HUT 2026-01-08']
    """
    own, ax = ax is None, _axes(trades, ax, "trades")
    shown = trades.sort_values("net", kind="stable")
    net, at = shown["net"].to_numpy(dtype=float), np.arange(len(shown))
    dress(ax)
    if len(shown) <= NAMED:
        ax.barh(at, net, height=0.7, color=np.where(net >= 0, UP, DOWN))
        days = [f" {cells.date(day)}" for day in shown["enter"].tolist()]
        name_rows(ax, shown["ticker"].tolist(), days, longest=LONGEST)
    else:
        for colour, some in ((UP, np.maximum(net, 0.0)), (DOWN, np.minimum(net, 0.0))):
            ax.fill_betweenx(at, 0.0, some, step="mid", color=colour, linewidth=0)
        _extremes(ax, shown)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        low, high = float(net[0]), float(net[-1])
        if low or high:  # either side has room for the names
            ax.set_xlim(1.05 * min(low, -0.85 * high), 1.05 * max(high, -0.85 * low))
    ax.axvline(0.0, color=DARK, linewidth=0.8)
    room = max(0.7, 3.0 - len(shown) / 2)  # few bars are no thicker than many
    ax.set_ylim(-room, len(shown) - 1 + room)
    ax.tick_params(axis="x", labelsize=FONT)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.set_major_formatter(percent_axis())
    many = f"{len(shown):,} trade{'' if len(shown) == 1 else 's'}"
    ax.set_xlabel(f"net profit of {many}, {int((net > 0).sum()):,} above zero", fontsize=10)
    write_title(ax, title)
    footnote(ax, source, own=own)
    return ax


def _extremes(ax: Axes, shown: pd.DataFrame) -> None:
    """Name the best and the worst where a sorted picture is empty: beside them, beyond zero."""
    names, net = _names(shown), shown["net"].tolist()
    told = [f"{name}  {cells.percent(x, 1)}" for name, x in zip(names, net, strict=True)]
    zero = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points"}
    size = fitting(ax, FONT - 1)
    if 72 * inches(ax)[1] < 2 * (EXTREME + 1) * 1.35 * size:
        return  # the two lists would lie over each other
    text = {"fontsize": size, "color": DARK, "linespacing": 1.35}
    style: dict[str, Any] = {**zero, **text}
    if net[-1] > 0:
        best = "\n".join(["best", *told[: -EXTREME - 1 : -1]])
        ax.annotate(best, (0.0, 0.99), xytext=(-5, 0), ha="right", va="top", **style)
    if net[0] < 0:
        worst = "\n".join([*told[EXTREME - 1 :: -1], "worst"])
        ax.annotate(worst, (0.0, 0.01), xytext=(5, 0), ha="left", va="bottom", **style)


def _names(trades: pd.DataFrame) -> list[str]:
    pairs = zip(trades["ticker"].tolist(), trades["enter"].tolist(), strict=True)
    return [f"{plain(shorten(str(name), LONGEST))} {cells.date(day)}" for name, day in pairs]


def _axes(table: pd.DataFrame, ax: Axes | None, what: str) -> Axes:
    if table.empty:
        raise errors.nothing_to_draw(what)
    return axes_of(ax, (8.0, 4.5))


def _dates(daily: pd.DataFrame) -> NDArray[np.datetime64]:
    return np.asarray(daily.index.to_numpy(), dtype="datetime64[D]")


def _unit(capital: float) -> float:
    return capital if np.isfinite(capital) and capital > 0 else 1.0


def _room_below(ax: Axes) -> None:
    """Leave the lowest quarter to the exposure."""
    low, high = ax.get_ylim()
    ax.set_ylim(low - 0.3 * (high - low), high)
