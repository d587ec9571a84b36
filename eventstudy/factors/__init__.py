"""Factors: those of the Kenneth French library, and what other firms earned on the same day.

A name in the ``needs`` of a model stands for a series that all firms share, such as those of
`french`. An object of this module may stand beside the names: it gives each firm a series of
its own.
"""

from eventstudy.arrays import FirmFactor
from eventstudy.factors._firm import Peers, peers
from eventstudy.factors._french import french

__all__ = ["FirmFactor", "Peers", "french", "peers"]
