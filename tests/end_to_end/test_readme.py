"""The README's test of a client is run as it stands there, by a pytest of its own."""

import pytest

import pvws.testing.fixture.factory  # noqa: F401 - pytester forgets what is imported within one of its runs
from tests.support.snippets import texts

pytest_plugins = ["pytester"]

TESTS = [text for text in texts("README.md", "python") if "def test_" in text]


def test_its_test_passes(pytester: pytest.Pytester) -> None:
    (text,) = TESTS
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function")
    pytester.makepyfile(text)
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
