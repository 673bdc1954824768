from tests.support.ctl import Ctl


def test_wrong_wishes_leave_with_2(ctl: Ctl) -> None:
    assert "either" in ctl("wait", "a", "--schema", "{}").err or ctl("wait", "a", "--schema", "{}").code == 2
    assert ctl("wait", "type ==").code == 2
    assert ctl("wait", "--timeout", "soon").code == 2
    assert ctl("wait", "--schema", "{").code == 2
