"""CARs across events: what explains them, and whether two groups differ.

`regress` is behind ``result.explain``, `difference` behind ``result.compare``
(docs/methods.md, section E).
"""

from eventstudy.cross_section.differences import DIFFERENCES, difference
from eventstudy.cross_section.regression import Question, Regression, regress
from eventstudy.cross_section.two_groups import Difference, Pair

__all__ = ["DIFFERENCES", "Difference", "Pair", "Question", "Regression", "difference", "regress"]
