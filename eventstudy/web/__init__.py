"""How we ask servers: over HTTPS, within bounds, and without telling anybody a key."""

from eventstudy.web._https import https_get
from eventstudy.web._key import Key
from eventstudy.web._one_request import Page, Sent
from eventstudy.web._pace import Pace

__all__ = ["Key", "Pace", "Page", "Sent", "https_get"]
