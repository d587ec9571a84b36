"""Sentences about models and tests of the user's own."""

from __future__ import annotations

from eventstudy.errors.kinds import ContractBroken


def contract_broken(name: str, what: str) -> ContractBroken:
    return ContractBroken(f"{name} does not keep its contract: {what}.")
