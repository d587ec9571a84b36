"""What a security would have earned without the event: one file a family of models.

A model is any object with `needs` and ``fit(block)`` (`eventstudy.arrays.Model`).
"""

from eventstudy.models.adjusted import MarketAdjusted, MeanAdjusted, RawReturn
from eventstudy.models.benchmark import BenchmarkPortfolio
from eventstudy.models.donors import SyntheticControl
from eventstudy.models.elastic_net import ElasticNetModel
from eventstudy.models.factor import (
    CAPM,
    Carhart4,
    FactorModel,
    FamaFrench3,
    FamaFrench5,
    FamaFrench6,
    MarketModel,
)
from eventstudy.models.garch import GarchMarketModel
from eventstudy.models.nonsynchronous import Dimson, ScholesWilliams
from eventstudy.models.robust import RobustMarketModel
from eventstudy.models.trade_to_trade import TradeToTrade

__all__ = [
    "CAPM",
    "BenchmarkPortfolio",
    "Carhart4",
    "Dimson",
    "ElasticNetModel",
    "FactorModel",
    "FamaFrench3",
    "FamaFrench5",
    "FamaFrench6",
    "GarchMarketModel",
    "MarketAdjusted",
    "MarketModel",
    "MeanAdjusted",
    "RawReturn",
    "RobustMarketModel",
    "ScholesWilliams",
    "SyntheticControl",
    "TradeToTrade",
]
