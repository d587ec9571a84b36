"""A user's script: `mypy --strict` must accept it against the installed wheel (.ci/package)."""

import eventstudy as es


def study(model: str) -> es.EventStudy:
    """Options have types."""
    found = es.MarketModel() if model == "market" else es.MeanAdjusted()
    return es.EventStudy(found, estimation=(-120, -11), window=(-5, 5))


def main() -> str:
    """The main way through the library."""
    events = es.events_on("2026-02-25", es.universe.MINERS, session="after_close")
    chosen = study("market")
    panel = chosen.load(events, es.loaders.sample, market="SPY")
    result = chosen.run(events, panel)
    answer: es.Statistic = result.test("adj_bmp", (0, 0))
    groups = {str(name): len(part) for name, part in result.by("ticker").items()}
    traded: es.Backtest = es.Rule(leave=3, hedge=es.MarketModel()).run(events, panel)
    return f"{answer.pvalue:.3f} {len(groups)} {len(traded)} {result.sentence()}"


if __name__ == "__main__":
    result = main()
