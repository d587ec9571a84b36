"""What a security would have earned without the event: one file a family of models.

A model is any object with `needs` and ``fit(block)`` (`eventstudy.arrays.Model`).
"""

from eventstudy.models.adjusted import MarketAdjusted, MeanAdjusted, RawReturn
from eventstudy.models.factor import (
    CAPM,
    Carhart4,
    FactorModel,
    FamaFrench3,
    FamaFrench5,
    FamaFrench6,
    MarketModel,
)

__all__ = [
    "CAPM",
    "Carhart4",
    "FactorModel",
    "FamaFrench3",
    "FamaFrench5",
    "FamaFrench6",
    "MarketAdjusted",
    "MarketModel",
    "MeanAdjusted",
    "RawReturn",
]
