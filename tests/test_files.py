import pytest

from autoencoder.files import replacing


def test_replaces_the_file_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with replacing(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.suffix == ".txt"
    assert path.read_text() == "new"
    assert [*tmp_path.iterdir()] == [path]


def test_an_error_without_a_name_gets_the_files(tmp_path):
    path = tmp_path / "a.txt"
    with pytest.raises(OSError, match="No space") as raised, replacing(path):
        raise OSError(28, "No space left on device")
    assert raised.value.filename == str(path)


def test_keeps_the_old_file_when_the_block_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(path) as part:
        part.write_text("half")
        _ = 1 / 0
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]
