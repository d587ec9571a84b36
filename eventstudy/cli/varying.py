"""``eventstudy vary``: the same question under every reasonable choice."""

from __future__ import annotations

from typing import Any

from eventstudy import catalysts
from eventstudy.cli.options import Arguments
from eventstudy.cli.studying import (
    events_of,
    model_of,
    panel_of,
    report_possible,
    save_picture,
    study_of,
    write_report,
)
from eventstudy.study import EventStudy


def vary_files(arguments: Arguments) -> None:
    """Draw the specification curve that was asked for, write it, print its summary."""
    import matplotlib as mpl

    report_possible(arguments)
    own_deals = arguments.events is None and arguments.prices == "sample"
    events = catalysts.load(category="deal") if own_deals else events_of(arguments)
    events = events[events["ticker"].notna()]
    study = study_of(arguments)
    choices = _choices(study, arguments)
    wants = [study, *(EventStudy(model=model) for model in choices.get("model") or ())]
    panel = panel_of(wants[0], events, arguments, also=wants[1:])
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)
    ways = study.vary(**choices)
    found = ways.run(events, panel, draws=arguments.draws, rng=arguments.seed)
    found.table.to_csv(folder / "specifications.csv")
    found.joint.to_csv(folder / "joint.csv")
    with mpl.rc_context({"backend": "agg"}):
        save_picture(found.plot(), folder / "specifications.png")
    print(found)
    print(f"\nTables and picture: {folder}")
    if arguments.report:
        write_report(study.run(events, panel), arguments, curve=found)


def _choices(study: EventStudy, arguments: Arguments) -> dict[str, Any]:
    """The lists of choices; without any, the models of `usual`."""
    windows = arguments.car or None
    models = [
        model_of(name, factors or (arguments.factors if name in OF_NAMES else ()))
        for name, factors in arguments.models or ()
    ]
    estimations = arguments.estimations
    if not (models or estimations or windows):
        models = [study.model, *(model_of(name, ()) for name in USUAL)]
        models = [m for k, m in enumerate(models) if m not in models[:k]]
    return {"model": models or None, "estimation": estimations, "window": windows}


#: models that are nothing without names: those of `--factors` where none stand behind a colon
OF_NAMES = ("FactorModel", "SyntheticControl", "ElasticNetModel")
#: what is tried when nothing is asked for
USUAL = ("MarketModel", "MarketAdjusted", "MeanAdjusted")
