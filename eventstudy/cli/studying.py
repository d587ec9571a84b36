"""``eventstudy run``: files in, tables and a picture out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from eventstudy import catalysts, errors, models, universe
from eventstudy.align import Timing
from eventstudy.arrays import Model
from eventstudy.cli.options import Arguments
from eventstudy.cli.pricing import loader_of
from eventstudy.events import read_events
from eventstudy.panel import Panel
from eventstudy.report.document import require
from eventstudy.result import Result
from eventstudy.study import EventStudy
from eventstudy.windows import Window


def study_files(arguments: Arguments) -> None:
    """Run the study that was asked for, write its tables, print its summary."""
    report_possible(arguments)
    events, study = events_of(arguments), study_of(arguments)
    panel = panel_of(study, events, arguments)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    try:
        result = study.run(events, panel)
    except errors.NothingLeft as nothing:
        nothing.dropped.to_csv(folder / "dropped.csv")
        raise
    write_tables(result, folder, arguments.car)
    print(result.summary(*arguments.car))
    print(f"\nTables and picture: {folder}")
    write_report(result, arguments)


def report_possible(arguments: Arguments) -> None:
    """Refuse `--report` before any work where its packages are not installed."""
    if arguments.report:
        require()


def write_report(
    result: Result, arguments: Arguments, *, curve: object = None, backtest: object = None
) -> None:
    """Write report.html, if it was asked for, with the curve or the backtest that was made."""
    if arguments.report:
        file = arguments.out / "report.html"
        windows = getattr(arguments, "car", ())  # `backtest` asks about none
        path = result.to_html(file, *windows, curve=curve, backtest=backtest)
        print(f"Report: {path}")


def events_of(arguments: Arguments) -> pd.DataFrame:
    """Read the events file; left out, the catalogue seen by the miners goes with the sample."""
    if arguments.events is None:
        if arguments.prices != "sample":
            raise errors.events_left_out()
        return catalysts.expand(catalysts.load(), universe.MINERS)
    if not Path(arguments.events).is_file():
        raise errors.no_such_file("--events", arguments.events)
    return read_events(arguments.events, calendar=arguments.calendar)


def study_of(arguments: Arguments) -> EventStudy:
    """Make the study that was asked for; ``--car`` is refused before any work."""
    study = EventStudy(
        model=model_of(arguments.model, arguments.factors),
        estimation=arguments.estimation,
        window=arguments.window,
        min_obs=arguments.min_obs,
        missing=arguments.missing,
        exclude_other_events=arguments.exclude_other_events,
        timing=Timing(duplicates=arguments.duplicates),
    )
    for window in arguments.car:
        window.columns(arguments.window)
    return study


def panel_of(
    study: EventStudy,
    events: pd.DataFrame,
    arguments: Arguments,
    also: Sequence[EventStudy] = (),
    fields: Sequence[str] = (),
) -> Panel:
    """Load the prices that the study, and others ``also`` asked for, need for the events."""
    loader = loader_of(arguments)
    for one in (study, *also):
        if arguments.market is None and "market" in one.model.needs:
            raise errors.model_without_market(type(one.model).__name__)
    factors = _factor_returns(arguments.factor_returns)
    if factors is None:  # tickers that only a later model asks for
        needs = [need for other in also for need in other.model.needs]
        more = [str(need) for need in needs if need not in ("market", *study.model.needs)]
        factors = list(dict.fromkeys(more)) or None
    return study.load(
        events,
        loader,
        market=arguments.market,
        factors=factors,
        kind=arguments.kind,
        own_since=universe.OWN_SINCE if arguments.own_since else None,
        fields=fields,
    )


def model_of(name: str, factors: tuple[str, ...]) -> Model:
    """Turn the name of a model into a model: the only place where that happens."""
    if name not in models.__all__:
        raise errors.unknown_option("--model", name, models.__all__)
    kind = getattr(models, name)
    if kind is models.BenchmarkPortfolio:
        raise errors.model_needs_python(name)
    if kind is models.FactorModel and not factors:
        raise errors.model_without_factors()
    if kind in (models.SyntheticControl, models.ElasticNetModel) and not factors:
        raise errors.model_without_donors(name)
    if kind in (models.FactorModel, models.SyntheticControl, models.ElasticNetModel):
        of_names: Model = kind(factors)
        return of_names
    if factors:
        raise errors.factors_without_use(name)
    found: Model = kind()
    return found


def write_tables(result: Result, folder: Path, windows: list[Window]) -> None:
    """Write car.csv, caar.csv, tests.csv, dropped.csv, caar.png and provenance.json."""
    import matplotlib as mpl

    result.car(*windows).to_csv(folder / "car.csv")
    result.caar(*windows).to_csv(folder / "caar.csv")
    result.tests(*windows).to_csv(folder / "tests.csv", index=False)
    result.dropped.to_csv(folder / "dropped.csv")
    record = json.dumps(result.provenance, indent=2, default=str)
    (folder / "provenance.json").write_text(record + "\n", encoding="utf-8")
    with mpl.rc_context({"backend": "agg"}):
        save_picture(result.plot(), folder / "caar.png")


def save_picture(axes: object, path: Path) -> None:
    """Write the figure of ``axes`` and forget it."""
    import matplotlib.pyplot as plt

    first = axes if hasattr(axes, "figure") else axes.flat[0]  # type: ignore[attr-defined]  # an array of Axes
    figure = first.figure
    figure.savefig(path, dpi=150, bbox_inches="tight")
    plt.close(figure)


def _factor_returns(path: str | None) -> pd.DataFrame | list[str] | None:
    if path is None:
        return None
    if not Path(path).is_file():
        raise errors.no_such_file("--factor-returns", path)
    try:
        return pd.read_csv(path, index_col=0)
    except ValueError as error:  # not text, not a table, empty
        raise errors.file_unreadable(path, error) from None
