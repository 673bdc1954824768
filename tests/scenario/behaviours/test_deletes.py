"""Deletes as scripts write them."""

from typing import Any

from pvws.wire.events import FileDeleted, FileUploaded

SECOND = 1_000_000


def deletions(play: Any, until: int) -> list[tuple[int, FileDeleted]]:
    return play.told(until, FileDeleted)  # type: ignore[no-any-return]


def test_files_of_one_behaviour_go_and_others_stay(rehearsal: Any) -> None:
    play = rehearsal()
    kept = play.upload(30)
    play.add("deletes: {rate: 5/s, of: uploads}\nuploads: {rate: 2/s, size: 1}")
    told = play.told(60 * SECOND, (FileDeleted, FileUploaded))
    came = {payload.key for _, payload in told if isinstance(payload, FileUploaded)}
    went = {payload.key for _, payload in told if isinstance(payload, FileDeleted)}
    assert len(went) > 80
    assert went <= came
    assert all(file.key in play.world.store.files for file in kept)
