"""Sentences about estimation and event windows."""

from __future__ import annotations

from eventstudy.errors.kinds import WindowError


def window_malformed(value: object) -> WindowError:
    return WindowError(
        f"{value!r} is not a window; give (first, last) in trading days around day 0, "
        f"as in (-1, 1), or one day as an integer."
    )


def window_backwards(first: int, last: int) -> WindowError:
    return WindowError(
        f"The window ({first}, {last}) ends before it begins; give ({last}, {first})."
    )


def window_outside(window: object, event_window: object) -> WindowError:
    return WindowError(
        f"{window} is not inside the event window {event_window}; "
        f"widen `window=` of the study or ask for fewer days."
    )


def estimation_reaches_event(estimation: object, window: object, last: int) -> WindowError:
    return WindowError(
        f"The estimation window {estimation} reaches into the event window {window}; "
        f"end it at {last} or earlier."
    )


def interval_meets_event(interval: object, window: object) -> WindowError:
    return WindowError(
        f"The estimation interval {interval} meets the event window {window}; "
        f"end it before the event window or begin it after."
    )


def intervals_overlap(one: object, two: object) -> WindowError:
    return WindowError(
        f"The estimation intervals {one} and {two} overlap; give intervals without common days."
    )
