import logging

import pytest

from pvws.cli.logged import log_to_stderr


def test_the_log_goes_to_stderr_on_request_but_what_has_gone_wrong_is_told_anyway(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logger = logging.getLogger("pvws.server")
    log_to_stderr(verbose=False)
    logger.warning("unheard")
    logger.error("the world has failed")
    log_to_stderr(verbose=True)
    logger.debug("heard")
    log_to_stderr(verbose=False)
    said = capsys.readouterr().err
    assert said.startswith("the world has failed\n")
    assert "unheard" not in said
    assert said.endswith("DEBUG   heard\n")
