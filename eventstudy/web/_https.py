"""HTTPS GET: bounded in size and time, patient where a server asks for it, silent about keys.

A failure is one sentence that names the host and what happened. Path, query, headers and keys
stand in no error and in no log.
"""

from __future__ import annotations

import logging
import random
import time

from eventstudy import errors
from eventstudy.web._key import unlogged
from eventstudy.web._one_request import Asked, Busy, Page, Sent
from eventstudy.web._transport import answer

#: bytes of an answer, unpacked, if nothing else is said
MOST_BYTES = 50_000_000
#: longest time that a server may ask us to wait, in seconds
MOST_WAIT = 60.0
_chance = random.SystemRandom()  # not the generator that a caller may have seeded


def https_get(
    url: str,
    *,
    headers: Sent | None = None,
    params: Sent | None = None,
    timeout: float = 30.0,
    most_bytes: int = MOST_BYTES,
    tries: int = 4,
    wait: float = 1.0,
) -> Page:
    """Fetch one address over HTTPS.

    Statuses 429 and 503 are asked again, after the time the server names (a minute at most) or
    after ``wait`` seconds, doubled each time, give or take a half. Redirects are followed three
    times, never to an address without https; another host gets none of ``headers``, and none is
    followed there if the request carries a key. Proxy and certificates are those of the
    environment (``HTTPS_PROXY``, ``REQUESTS_CA_BUNDLE``); passwords of ``.netrc`` are not sent.

    Parameters
    ----------
    url : str
        An address that begins with ``https://``.
    headers, params : mapping, optional
        Headers, and parameters of the query. A `Key` among the values reaches this host only.
    timeout : float
        Seconds for which the server may be silent. A body may take ten times as long as a whole.
    most_bytes : int
        Size of the largest answer that is read, after unpacking.
    tries : int
        How often at most a busy server is asked.
    wait : float
        Seconds before the second time, if the server names none.

    Returns
    -------
    Page
        ``host``, ``body`` (bytes) and ``json()``.

    Raises
    ------
    LoaderError
        The reason in one sentence; its ``status`` is the word that a loader's report has for
        it: network, timeout, rate_limited, not_found or bad_answer.

    Examples
    --------
    >>> https_get("http://example.org/prices.csv")
    Traceback (most recent call last):
    ...
    eventstudy.errors.LoaderError: The address at 'example.org' does not begin with https://, so \
that others could read and change what is sent; give one that does.
    """
    asked = Asked(url, dict(headers or {}), dict(params or {}), timeout, most_bytes)
    busy = Busy(429, None)
    with unlogged(asked.keys):
        for k in range(max(1, tries)):
            if k:
                pause = _pause(busy, wait, k)
                logging.getLogger("eventstudy").info(
                    "%s answered %d; asked again in %.1f s", asked.host, busy.status, pause
                )
                time.sleep(pause)
            found = answer(asked)
            if isinstance(found, Page):
                return found
            busy = found
            if (busy.wait or 0.0) > MOST_WAIT:
                break
    if busy.status == 429:
        raise errors.host_wants_rest(asked.host, busy.wait)
    raise errors.host_answered(asked.host, busy.status)


def _pause(busy: Busy, wait: float, k: int) -> float:
    """What the server asked for, else longer each time and never the same for two clients."""
    if busy.wait is not None:
        return busy.wait
    return min(MOST_WAIT, wait * 2.0 ** (k - 1) * _chance.uniform(0.5, 1.5))
