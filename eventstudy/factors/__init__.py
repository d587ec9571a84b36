"""Factors that are made, not fetched: what other firms earned on the same day.

A name in the ``needs`` of a model stands for a series that all firms share. An object of this
module may stand beside the names: it gives each firm a series of its own.
"""

from eventstudy.arrays import FirmFactor
from eventstudy.factors._firm import Peers, peers

__all__ = ["FirmFactor", "Peers", "peers"]
