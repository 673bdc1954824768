import msgspec
import pytest
from msgspec import Raw

from pvws.recording import versions
from pvws.recording.format import VERSION
from pvws.recording.versions import Fields, is_known, upgrade_from


def test_every_version_up_to_today_is_known_and_has_its_step() -> None:
    oldest = min([VERSION, *versions.STEPS])
    assert all(is_known(version) for version in range(oldest, VERSION + 1))
    assert not is_known(VERSION + 1)
    assert not is_known(oldest - 1)
    assert upgrade_from(VERSION) is None


def test_steps_follow_each_other_and_leave_a_message_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def older(fields: Fields) -> Fields:
        return {"at" if name == "when" else name: value for name, value in fields.items()}

    def old(fields: Fields) -> Fields:
        fields["t"] = Raw(b"%d.0" % msgspec.json.decode(fields.pop("at")))
        return fields

    monkeypatch.setitem(versions.STEPS, VERSION - 2, older)
    monkeypatch.setitem(versions.STEPS, VERSION - 1, old)
    assert is_known(VERSION - 2)
    upgrade = upgrade_from(VERSION - 2)
    assert upgrade is not None
    assert upgrade(b'{"when":5,"message":{"a" : 1.50}}') == b'{"message":{"a" : 1.50},"t":5.0}'
    with pytest.raises(msgspec.DecodeError):
        upgrade(b"nothing")
