"""``eventstudy calibrate``: size and power of every test on the user's own prices."""

from __future__ import annotations

from eventstudy.cli.options import Arguments
from eventstudy.cli.studying import events_of, panel_of, save_picture, study_of


def calibrate_files(arguments: Arguments) -> None:
    """Calibrate the study that was asked for, write its table and picture, print its summary."""
    import matplotlib as mpl

    events, study = events_of(arguments), study_of(arguments)
    panel = panel_of(study, events, arguments)
    folder = arguments.out
    folder.mkdir(parents=True, exist_ok=True)  # refuse before the work
    found = study.calibrate(
        events,
        panel,
        draws=arguments.draws,
        effects=arguments.effects,
        windows=arguments.car or None,
        strata=arguments.strata,
        rng=arguments.seed,
    )
    found.table.to_csv(folder / "calibration.csv", index=False)
    with mpl.rc_context({"backend": "agg"}):
        save_picture(found.plot(), folder / "calibration.png")
    print(found)
    print(f"\nTable and picture: {folder}")
