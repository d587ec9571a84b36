"""Commands to copy, as the help of each command shows them."""

from __future__ import annotations

SHARED = "--prices sample --market SPY"

#: command → what an example does, and its lines; all but those of `yahoo` run offline
EXAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "": (
        ("the main job, on simulated prices", "eventstudy demo"),
        ("what a command needs", "eventstudy run --help"),
    ),
    "demo": (
        ("print the study, write its pictures into demo/", "eventstudy demo"),
        ("another folder", "eventstudy demo --out pictures"),
    ),
    "run": (
        (
            "the deals of the catalogue, on simulated prices",
            (
                "eventstudy catalysts --category deal --expand sector --out deals.csv\n"
                f"eventstudy run --events deals.csv {SHARED} --out results"
            ),
        ),
        (
            "beside Bitcoin, over two windows, with the interactive report",
            (
                f"eventstudy run --events deals.csv {SHARED} --out btc \\\n"
                "  --model FactorModel --factors SPY,IBIT --car -1:1,0:5 --report"
            ),
        ),
        (
            "real prices, from Yahoo Finance",
            "eventstudy run --events deals.csv --prices yahoo --market SPY --out real",
        ),
    ),
    "calibrate": (
        (
            "how often does each test of the sample reject without an effect?",
            f"eventstudy calibrate {SHARED} --draws 100 --out trust",
        ),
        (
            "your events; effects of 1 % and 3 %, in calm and rough times",
            (
                "eventstudy catalysts --category deal --expand sector --out deals.csv\n"
                f"eventstudy calibrate --events deals.csv {SHARED} \\\n"
                "  --effects 0.01,0.03 --strata 3 --draws 100 --out trust"
            ),
        ),
    ),
    "preview": (
        (
            "a rehearsal: the evening of Nvidia's report, on simulated prices",
            f"eventstudy preview {SHARED} --out before",
        ),
        (
            "your events: which moves will be significant, by category",
            (
                "eventstudy preview --events next_week.csv --prices yahoo --market SPY \\\n"
                "  --by category --out before"
            ),
        ),
    ),
    "vary": (
        (
            "two models, two windows",
            (
                f"eventstudy vary {SHARED} --draws 49 --out ways \\\n"
                "  --models MarketModel,MeanAdjusted --car 0:0,-1:1"
            ),
        ),
        (
            "the market with and without Bitcoin, two estimation windows",
            (
                f"eventstudy vary {SHARED} --draws 49 --out ways \\\n"
                "  --models MarketModel,FactorModel:SPY+IBIT \\\n"
                "  --estimations -250:-11,-120:-11"
            ),
        ),
    ),
    "backtest": (
        (
            "five sessions after each report of Nvidia, hedged by the market",
            (
                f"eventstudy backtest {SHARED} --out trades \\\n"
                "  --enter 0 --leave 5 --hedge MarketModel"
            ),
        ),
        (
            "from the next open, short, against random dates",
            (
                f"eventstudy backtest {SHARED} --out trades \\\n"
                "  --enter open+1 --leave 3 --side short --placebo 99"
            ),
        ),
    ),
    "detect": (
        (
            "the abnormal days of the miners, and their news",
            f"eventstudy detect {SHARED} --out found",
        ),
        (
            "large falls of two tickers since 2025",
            (
                f"eventstudy detect {SHARED} --out found \\\n"
                "  --tickers MARA,RIOT --since 2025-01-01 --direction down --z 5"
            ),
        ),
    ),
    "catalysts": (
        ("all of the catalogue", "eventstudy catalysts"),
        (
            "what Nvidia reported since 2025",
            "eventstudy catalysts --category nvidia --since 2025-01-01",
        ),
        (
            "an events file: each report, once a miner",
            "eventstudy catalysts --category nvidia --expand sector --out events.csv",
        ),
    ),
}


def shown(command: str) -> str:
    """The examples of a command, for the end of its help."""
    parts = ["examples:"]
    for what, lines in EXAMPLES[command]:
        told = "\n".join(f"    {line}" for line in lines.splitlines())
        parts.append(f"  {what}:\n{told}")
    return "\n".join(parts)
