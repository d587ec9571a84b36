"""Sentences about filings with the SEC."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.errors.kinds import LoaderError
from eventstudy.errors.wording import listed


def edgar_cik(value: object) -> LoaderError:
    return LoaderError(
        f"{value!r} is not a CIK, a number of at most ten digits by which the SEC knows a filer; "
        f"give such numbers, or a mapping as in {{'IREN': 1878848}}."
    )


def edgar_user_agent() -> LoaderError:
    return LoaderError(
        "user_agent does not say who asks; the SEC wants a name and an address, as in "
        "'Jane Doe jane@example.org'."
    )


def edgar_item(value: str) -> LoaderError:
    return LoaderError(
        f"items holds {value!r}, which is no item of an 8-K; write them as in '2.02', or give () "
        f"for all."
    )


def edgar_layout(cik: int) -> LoaderError:
    return LoaderError(
        f"The SEC's list of filings of CIK {cik} is not laid out as it used to be; look whether a "
        f"newer version of eventstudy reads it.",
        "bad_answer",
    )


def edgar_not_asked(status: str) -> LoaderError:
    return LoaderError(
        "It was not asked for, because the SEC did not answer what was asked before.", status
    )


def edgar_unread(filers: Sequence[str], first: LoaderError) -> LoaderError:
    return LoaderError(
        f"Not one list of filings could be read ({listed(filers)}): {first}", first.status
    )


def edgar_nothing(filers: Sequence[str], forms: Sequence[str], failed: int) -> LoaderError:
    more = f" {failed} of the lists could not be read." if failed else ""
    return LoaderError(
        f"Not one filing {' or '.join(forms)} with such items was found of {listed(filers)} on the "
        f"days asked for; ask for other forms, items or days.{more}"
    )
