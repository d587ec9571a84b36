"""Size, power and the specification curve
========================================

How far can a number be trusted? Three questions about the miners' own firms and dates: do the
tests keep quiet on days without news (size), which effect could they have found (power), and would
another reasonable model, estimation window or event window have told something else?

Two samples answer differently: the miners' own deals, nearly each on a date of its own, and
Nvidia's reports, each of which reaches all miners at once. With real prices::

    python examples/10_size_power_and_specifications.py --prices FILE
"""

import pandas as pd
from common import begin, make_panel, pc, save, say, show, study

import eventstudy as es
from eventstudy.calibration import Calibration, Variations

#: three tests that hold on shared dates, three that take events as independent
TESTS = ["dates_cluster", "adj_bmp", "grank_t", "csect_t", "bmp", "patell"]
EFFECTS = (0.02, 0.04, 0.06)
ESTIMATIONS, WINDOWS = [(-250, -11), (-130, -11)], [(0, 0), (0, 1)]
LABELS = [es.Window(*window).label for window in WINDOWS]
#: draws of dates without news: for size and power, and for a whole curve
DRAWS, CURVES = 300, 49
PLAN = study("SPY", "Bitcoin")


def main() -> None:
    prices, out = begin("How far to trust it: size, power and every reasonable choice")
    panel, samples = make_panel(prices), {"deals": deals(), "reports": reports()}
    found = {
        name: PLAN.calibrate(events, panel, draws=DRAWS, effects=EFFECTS, tests=TESTS)
        for name, events in samples.items()
    }
    show("Rejected on dates without news, of 5 % promised", sizes(found))
    say(
        f"Of {DRAWS} draws. The events go to dates without news, and those that share a date still "
        "share it: only there a test that takes them as independent gives false alarms. A verdict "
        "allows for four Monte-Carlo errors."
    )
    show("Of effects planted on day 0, found by the tests that hold", powers(found))
    say(
        "80 % at: the effect that is found in four draws of five. Smaller ones are often missed: "
        "nothing found does not mean nothing there."
    )
    for name, calibration in found.items():
        axes = calibration.plot(title=f"{name.capitalize()}: size and power")
        save(axes, out / f"size_and_power_{name}.png")
    for name, events in samples.items():
        curve = choices(panel).run(events, panel, draws=CURVES)
        medians = curve.table.pivot_table("estimate", "model", "window", aggfunc="median")[LABELS]
        show(f"{name.capitalize()}: median estimate by model and window", medians, LABELS)
        say(f"{name.capitalize()}. {curve.sentence()}")
        show("The whole curve on placebo dates", curve.joint[["observed", "pvalue", "events"]])
        save(curve.plot(title=f"{name.capitalize()}: every choice"), out / f"choices_{name}.png")
    say(
        "The joint p moves all specifications to the same dates without news: one p-value in the "
        f"place of many that nobody may pick from; with {CURVES} draws it is {1 / (CURVES + 1)} at "
        "least. Its events are those that can go to the same dates under every choice."
    )


# %%
# The events: the same news as in the example that trades it.
def deals() -> pd.DataFrame:
    """The miners' own deals."""
    events = es.catalysts.expand(es.catalysts.load(category="deal"), es.universe.MINERS)
    return events[events["own_news"]]


def reports() -> pd.DataFrame:
    """Nvidia's reports, once for each miner."""
    return es.catalysts.expand(es.catalysts.load(category="nvidia"), es.universe.MINERS)


# %%
# Size and power: which events share a date decides which tests hold.
def sizes(found: dict[str, Calibration]) -> pd.DataFrame:
    """One row a test: how often it rejects where nothing happened, and the verdict."""
    parts = {}
    for name, calibration in found.items():
        size = calibration.size().reindex(TESTS)
        parts[name] = [f"{100 * rate:.1f} %" for rate in size["two-sided"]]
        parts[f"on {name}"] = size["verdict"].tolist()
    return pd.DataFrame(parts, index=pd.Index(TESTS, name="test"))


def powers(found: dict[str, Calibration]) -> pd.DataFrame:
    """One row a sample and test that holds: the share of draws that find each effect."""
    tables = {}
    for name, calibration in found.items():
        tests = calibration.trusted()
        rates = calibration.power().loc[tests].map(lambda rate: f"{100 * rate:.0f} %")
        rates.columns = [pc(effect) for effect in (0.0, *EFFECTS)]
        enough = calibration.detectable.xs("[0,0]").loc[tests]
        tables[name] = rates.assign(**{"80 % at": [pc(effect) for effect in enough.to_numpy()]})
    return pd.concat(tables, names=["events", "test"])


# %%
# The specification curve: a number that hangs on one choice is not a finding.
def choices(panel: es.Panel) -> Variations:
    """Models, estimation windows, windows, and other events in the estimation or not."""
    chips = [es.FactorModel(("SPY", "Bitcoin", "SMH"))] if "SMH" in panel.tickers else []
    return PLAN.vary(
        model=[es.MarketModel(), PLAN.model, *chips],
        estimation=ESTIMATIONS,
        window=WINDOWS,
        exclude_other_events=[False, True],
    )


# %%
# What it prints on the simulated sample, and its pictures.
if __name__ == "__main__":
    main()
