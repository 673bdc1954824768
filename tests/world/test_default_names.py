"""The default cast's words: a file that is made, not written."""

from pvws.world import default_names
from pvws.world.names import DEFAULT_NAMES
from tests.support.cast_file import FILE, render


def test_the_file_is_as_it_was_made() -> None:
    made_with = (default_names.__doc__ or "").partition("made with ")[2].partition(" by ")[0]
    assert made_with.startswith("Faker ")
    assert FILE.read_text("utf-8") == render(DEFAULT_NAMES, made_with)
