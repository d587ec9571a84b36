"""Sentences about studies in blocks, by threads and executors."""

from __future__ import annotations

from eventstudy.errors.kinds import ModelError, OptionError, PanelError
from eventstudy.errors.wording import kind_of


def workers_not_counted(value: object) -> OptionError:
    return OptionError(f"workers={value!r} is no number of threads; give 1 or more.")


def not_an_executor(value: object) -> OptionError:
    return OptionError(
        f"executor is {kind_of(value)}; give a concurrent.futures.Executor, such as a "
        f"ProcessPoolExecutor or what client.get_executor() of Dask returns."
    )


def model_cannot_travel(name: str) -> ModelError:
    return ModelError(
        f"{name} cannot be sent to another process; define the model and what it holds at the top "
        f"of a module that the workers can import, or use workers= instead of an executor."
    )


def file_not_here(path: object) -> PanelError:
    return PanelError(
        f"The file {str(path)!r} of the panel cannot be opened in this process; it has to lie "
        f"under this path wherever a worker runs, and to stay there while they work."
    )


def workers_and_executor(workers: int) -> OptionError:
    return OptionError(
        f"workers={workers} and an executor were given; the executor decides how many work, so "
        f"give one of the two."
    )


def windows_without_store() -> OptionError:
    return OptionError(
        "windows= was given, and store='full' keeps every day of the event window; leave it out, "
        "or say store='car' or store='aggregate'."
    )
