from pvws.files.refused import refused


def test_a_file_is_refused_with_its_option_and_the_system_s_reason() -> None:
    error = refused("--out", "a file that can be written", "a/b", FileNotFoundError(2, "No such file or directory"))
    assert str(error) == '--out: expected a file that can be written, got "a/b" (no such file or directory)'
    assert str(refused("A", "a file", "x\0", ValueError("Embedded null byte"))).endswith("(embedded null byte)")
