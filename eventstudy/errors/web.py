"""Sentences about servers and keys."""

from __future__ import annotations

from eventstudy.errors.kinds import LoaderError


def address_not_https(host: str) -> LoaderError:
    return LoaderError(
        f"The address at {host!r} does not begin with https://, so that others could read and "
        f"change what is sent; give one that does."
    )


def address_with_password(host: str) -> LoaderError:
    return LoaderError(
        f"The address at {host} holds a user name or a password; send it as a header, with the "
        f"value in an es.loaders.Key."
    )


def request_unusable(host: str) -> LoaderError:
    return LoaderError(
        f"The request to {host} cannot be sent; look for line ends and signs beyond ASCII in its "
        f"headers and its address."
    )


def host_unreachable(host: str, why: str) -> LoaderError:
    return LoaderError(
        f"{host} cannot be reached ({why}); check the connection and try again.", "network"
    )


def host_silent(host: str, seconds: float) -> LoaderError:
    return LoaderError(
        f"{host} did not finish its answer within {seconds:g} seconds; try again later.", "timeout"
    )


def host_wants_rest(host: str, wait: float | None) -> LoaderError:
    said = f" for {wait:.0f} seconds" if wait and wait < 1e9 else ""
    return LoaderError(
        f"{host} asks to be left alone{said} (status 429); ask again later, and for less.",
        "rate_limited",
    )


_ANSWERS = {
    401: "the key is missing or is not accepted",
    403: "access is refused",
    404: "there is nothing at this address",
    410: "there is nothing at this address any more",
}


def host_answered(host: str, status: int) -> LoaderError:
    server = "the server failed" if status >= 500 else "not what was asked for"
    return LoaderError(
        f"{host} answered with status {status} ({_ANSWERS.get(status, server)}); check what was "
        f"asked for, or try again later.",
        "not_found" if status in (404, 410) else "bad_answer",
    )


def redirect_refused(host: str, why: str) -> LoaderError:
    return LoaderError(
        f"{host} sends us on {why}, and that is not followed; check the address.", "bad_answer"
    )


def answer_too_large(host: str, most: int) -> LoaderError:
    return LoaderError(
        f"The answer of {host} is larger than {most:,} bytes and was not read to its end; ask "
        f"for less.",
        "bad_answer",
    )


def answer_broken_off(host: str) -> LoaderError:
    return LoaderError(f"The answer of {host} broke off; try again.", "bad_answer")


def answer_not_json(host: str, found: str) -> LoaderError:
    return LoaderError(
        f"{host} answered with {found} where JSON was needed; check the address, or try again "
        f"later.",
        "bad_answer",
    )


def key_absent(name: str) -> LoaderError:
    return LoaderError(
        f"The environment has no variable {name}, or it is empty; set it to your key."
    )


def key_unusable(name: str) -> LoaderError:
    return LoaderError(
        f"The key {name} is empty, or holds line ends or signs beyond ASCII; copy it again."
    )


def key_not_saved(name: str) -> LoaderError:
    return LoaderError(
        f"The key {name} is not written to files or sent to other processes; read it there with "
        f"es.loaders.Key.from_env."
    )
