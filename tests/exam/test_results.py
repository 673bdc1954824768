"""docs/exam-results.md says what comes of the exam of clients that are written with libraries."""

from pathlib import Path

import pytest

from pvws.testing.exam.catalogue import CASES
from pvws.testing.exam.examine import examine
from tests.support.exam_results import DOCUMENT, NPM, SIGNS, commands, examined, outcomes, page, versions

QUICK = (
    *("contract.closes-on-sigterm", "reconnect.after-restart", "reconnect.resubscribes", "resilience.joined-messages"),
    *("security.auth-failed", "security.handshake-401", "security.handshake-403", "security.illegal-frames"),
)
"""Cases that are soon over; some of them fail."""


def documented(column: int) -> dict[str, str]:
    return {case: signs[column] for case, signs in outcomes(DOCUMENT.read_text("utf-8")).items()}


def test_the_page_has_every_case_and_the_versions_that_are_installed() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert set(outcomes(text)) == set(CASES)
    assert all(f"`{name}` {versions()[name]}" in text for name in (*NPM, "ws"))


@pytest.mark.parametrize("column", [0, 1])
def test_clients_of_ours_pass_all_of_it(column: int) -> None:
    assert set(documented(column).values()) == {"✓"}


@pytest.mark.tools
@pytest.mark.timeout(240)
@pytest.mark.parametrize("package", NPM)
async def test_clients_with_npm_packages_do_in_the_quick_cases_what_the_page_says(node: Path, package: str) -> None:
    card = await examine(commands(node)[f"`{package}`"], [CASES[name] for name in QUICK], jobs=len(QUICK))
    said = documented(2 + NPM.index(package))
    assert {found.case.id: SIGNS[found.outcome] for found in card.findings} == {name: said[name] for name in QUICK}


@pytest.mark.long
@pytest.mark.tools
@pytest.mark.timeout(280)
@pytest.mark.parametrize("column", range(4))
async def test_a_client_does_in_all_cases_what_the_page_says(node: Path, column: int) -> None:
    name = list(commands(node))[column]
    (card,) = (await examined(node, [name])).values()
    found = {finding.case.id: SIGNS[finding.outcome] for finding in card.findings}
    assert found == documented(column), [finding.details for finding in card.findings]


def test_a_page_that_is_made_can_be_read_again() -> None:
    assert outcomes(page({}, versions())) == dict.fromkeys(CASES, ())
