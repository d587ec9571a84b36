"""``eventstudy catalysts``: the catalogue as a table or an events file."""

from __future__ import annotations

from eventstudy import catalysts, universe
from eventstudy.cli.options import Arguments
from eventstudy.one_line import many
from eventstudy.report import text_table


def list_catalysts(arguments: Arguments) -> None:
    """Print the catalysts that were asked for, or write them."""
    events = catalysts.load(
        category=arguments.category,
        since=arguments.since,
        until=arguments.until,
        min_confidence=arguments.min_confidence,
    )
    if arguments.expand:
        events = catalysts.expand(events, universe.MINERS, who=arguments.expand)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        events.to_csv(arguments.out)
        print(f"{many(len(events), 'event')}: {arguments.out}")
        if nameless := int(events["ticker"].isna().sum()):
            print(f"{nameless} of them are news of a sector and name no ticker: --expand sector")
        return
    shown = events[["date", "session", "ticker", "category", "confidence"]]
    print(text_table(shown, title=many(len(events), "catalyst"), rows=len(shown)))
