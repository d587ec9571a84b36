"""Draw the picture of docs/miners.md again: ``python docs/pictures_real.py FILE``.

It shows averages of abnormal returns on real prices; FILE, the prices, is what the examples take as
``--prices``. `pictures.py` draws the others, on simulated prices.
"""

import importlib
import sys
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

FOLDER = Path(__file__).parent / "images"
EXAMPLES = Path(__file__).parents[1] / "examples"


def miners(file: Path) -> Figure:
    """CAAR around own deals and the news of others, as the second example computes it."""
    sys.path.insert(0, str(EXAMPLES))  # as Python does with the folder of a script
    try:
        example = importlib.import_module("02_miner_catalysts")
        common = importlib.import_module("common")
    finally:
        sys.path.remove(str(EXAMPLES))
    prices = common.read_prices(file)
    prices.attrs["source"] = (
        f"Yahoo's adjusted closes to {prices['SPY'].dropna().index[-1]:%Y-%m-%d}"
    )
    events, panel = example.miners_events(), common.make_panel(prices)
    groups = common.study("SPY", "Bitcoin").run(events, panel).by("news")
    figure: Figure = groups.plot(title="Miners around AI catalysts").flat[0].figure
    return figure


if __name__ == "__main__":
    mpl.use("agg")
    miners(Path(sys.argv[1])).savefig(FOLDER / "miners.png", dpi=110)
