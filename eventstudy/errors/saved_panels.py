"""Sentences about panels in files."""

from __future__ import annotations

from collections.abc import Iterable

from eventstudy.errors.kinds import PanelError
from eventstudy.errors.wording import listed


def _kept(path: object) -> str:
    return f"The saved panel {str(path)!r}"


def saved_absent(path: object, holds: str) -> PanelError:
    if holds == "Parquet":
        return PanelError(
            f"{str(path)!r} holds Parquet; name a folder for the panel that is made of it once, as "
            f"es.Panel.open(path, into='panel', market='SPY'), or read it with "
            f"es.loaders.parquet(path)."
        )
    if holds == "CSV":
        return PanelError(
            f"{str(path)!r} holds CSV and is no saved panel; read it with a loader, as "
            f"study.load(events, es.loaders.csv(path), market='SPY'), and keep the panel with "
            f"panel.save('panel')."
        )
    return PanelError(f"There is no saved panel at {str(path)!r}; write one with panel.save(path).")


def saved_damaged(path: object, what: str) -> PanelError:
    return PanelError(f"{_kept(path)} is damaged: {what}; save it again.")


def saved_version(path: object, version: object, known: int) -> PanelError:
    return PanelError(
        f"{_kept(path)} has format version {version!r} and this release reads {known}; save it "
        f"again, or open it with the release that wrote it."
    )


def saved_replaced(path: object) -> PanelError:
    return PanelError(
        f"{_kept(path)} is another one than when this was begun; open it again and start anew."
    )


def saved_exists(path: object, *, saved: bool) -> PanelError:
    if saved:
        return PanelError(
            f"{_kept(path)} exists; give overwrite=True to replace it, or name another folder."
        )
    return PanelError(
        f"{str(path)!r} exists and is no saved panel, so it is not replaced; name another folder."
    )


def saved_unwritable(path: object, why: OSError) -> PanelError:
    return PanelError(
        f"A panel cannot be written to {str(path)!r} ({why.strerror}); name a folder with room."
    )


def saved_options(names: Iterable[object]) -> PanelError:
    return PanelError(
        f"A saved panel is opened as it is, without {listed(names)}; these are for Parquet that "
        f"becomes a panel, together with `into`."
    )


def saved_market() -> PanelError:
    return PanelError(
        "Parquet that becomes a saved panel needs `market`: a ticker, or a series of its own, "
        "whose prices say which days are sessions."
    )


def saved_other(into: object) -> PanelError:
    return PanelError(
        f"{_kept(into)} was made of other files or with other options; name another folder, or "
        f"remove it."
    )
