"""The model of a disk that tests/run_folder/slow_power_cut.py rests on."""

import numpy as np

from tests.run_folder.disk import Disk, calls

WRITTEN = """\
7 openat(AT_FDCWD</r>, "/r/new", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 4</r/new>
7 write(4</r/new>, "a \\"b\\"\\n\\303", 7) = 7
8 mkdir("/r/gone", 0777) = -1 EEXIST (File exists)
"""
SYNCED = "7 fsync(4</r/new>) = 0\n"
RENAMED = '7 rename("/r/new", "/r/old") = 0\n'
FOLDER = "7 fsync(5</r>) = 0\n"
DELETED = '7 unlink("/r/old") = 0\n'
WHOLE = b'a "b"\n\xc3'


def left(record, tmp_path):
    """All that 40 power cuts leave: a set of (name, content), of each."""
    found, random = set(), np.random.default_rng(0)
    disk = Disk("/r")
    for call in calls(record):
        assert disk.concerns(call)
        disk.apply(call)
    for number in range(40):
        target = tmp_path / f"{len(record)}-{number}"
        target.mkdir()
        disk.leave(target, random, lambda path: path.encode())
        found.add(frozenset((f.name, f.read_bytes()) for f in target.iterdir()))
    return found


def of(*files):
    return frozenset(files)


def test_what_is_not_synced_may_be_lost_in_part_or_whole(tmp_path):
    torn = {of(("new", content)) for content in (WHOLE, WHOLE[:3], b"")}
    assert left(WRITTEN, tmp_path) == torn | {of()}
    assert left(WRITTEN + FOLDER, tmp_path) == torn
    assert left(WRITTEN + SYNCED, tmp_path) == {of(("new", WHOLE)), of()}
    assert left(WRITTEN + SYNCED + FOLDER, tmp_path) == {of(("new", WHOLE))}


def test_names_change_when_their_folder_is_synced_or_before(tmp_path):
    whole = WRITTEN + SYNCED + FOLDER
    either = {of(("new", WHOLE)), of(("old", WHOLE))}
    assert left(whole + RENAMED, tmp_path) == either
    assert left(whole + RENAMED + FOLDER, tmp_path) == {of(("old", WHOLE))}
    deleted = whole + RENAMED + FOLDER + DELETED
    assert left(deleted, tmp_path) == {of(("old", WHOLE)), of()}
    assert left(deleted + FOLDER, tmp_path) == {of()}


def test_content_that_the_record_cuts_short_comes_from_elsewhere(tmp_path):
    cut = WRITTEN.replace('\\303", 7', '"..., 7')
    assert left(cut + SYNCED + FOLDER, tmp_path) == {of(("new", b"new"))}


def test_a_call_counts_when_it_ends(tmp_path):
    begun = "7 fsync(4</r/new> <unfinished ...>\n"
    ended = "7 <... fsync resumed>) = 0\n"
    torn = left(WRITTEN + FOLDER + begun, tmp_path)
    assert len(torn) == 3
    assert left(WRITTEN + FOLDER + begun + ended, tmp_path) == {of(("new", WHOLE))}
