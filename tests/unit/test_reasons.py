"""Why events are dropped, in words: each reason of the closed list has them."""

from __future__ import annotations

import pytest

from eventstudy.arrays import Reason
from eventstudy.report.reasons import meaning


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_of_its_own(reason: Reason) -> None:
    said = meaning(reason)
    assert said == meaning(reason.value)
    assert 10 < len(said) <= 50
    assert [other for other in Reason if meaning(other) == said] == [reason]


@pytest.mark.parametrize("other", ["", "not_a_reason", None, 3])
def test_what_is_no_reason_has_none(other: object) -> None:
    assert meaning(other) == ""
