import pytest


@pytest.fixture(autouse=True)
def _patient(patient: None) -> None:
    """Every rule gets a fair trial here."""
