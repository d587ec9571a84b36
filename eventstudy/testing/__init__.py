"""Contracts that a model or a test of your own can be held against.

``check_model`` and ``check_test`` run it on simulated returns and raise `ContractBroken`, an
AssertionError, with one sentence that says what does not hold. The package's own models and
tests pass the same checks.
"""

from eventstudy.testing._models import check_model
from eventstudy.testing._tests import check_test

__all__ = ["check_model", "check_test"]
