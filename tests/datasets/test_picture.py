"""A single picture file: which formats are read, and as which pixels."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from autoencoder.datasets.picture import Kind, read
from autoencoder.errors import UserError

SHAPE = (8, 12, 3)


def save(path, image, *arguments, **options):
    image.save(path, *arguments, **options)
    return path


def red():
    return Image.new("RGB", (12, 8), "red")


def with_orientation(kind, value):
    """EXIF bytes whose only entry is an orientation of any of TIFF's types."""
    size = struct.pack("<HHI", 0x0112, kind, len(value) if kind != 3 else 1)
    entry = size + value.ljust(4, b"\0")
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0"


@pytest.mark.parametrize(
    "exif",
    [
        with_orientation(2, b"6\0"),  # text
        with_orientation(1, b"\x06"),
        with_orientation(7, b"\x06\0\0"),
        with_orientation(3, b"\xff\0"),
        b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01",  # cut short
        b"Exif\0\0no TIFF header",
    ],
)
def test_odd_exif_is_no_reason_to_leave_a_picture_out(tmp_path, exif):
    path = save(tmp_path / "a.jpg", red(), exif=exif)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(path) == Kind(12, 8, is_grey=False)
        found = read(path, SHAPE)
    np.testing.assert_allclose(found, np.full(SHAPE, (255, 0, 0)), atol=2)


def test_exif_that_pillow_could_not_write_again(tmp_path):
    orientation = struct.pack("<HHII", 0x0112, 3, 1, 6)
    resolution = struct.pack("<HHII", 0x011A, 10, 1, 38)
    entries = struct.pack("<H", 2) + orientation + resolution + bytes(4)
    exif = b"Exif\0\0II*\0\x08\0\0\0" + entries + struct.pack("<iI", -1, 0)
    path = save(tmp_path / "a.jpg", red(), exif=exif)
    assert read(path) == Kind(8, 12, is_grey=False)
    assert read(path, (12, 8, 3)).shape == (12, 8, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = np.arange(96, dtype=np.uint8).reshape(8, 12)
    path = save(tmp_path / "a.png", Image.fromarray(pixels), exif=exif)
    mirrored = pixels[:, ::-1] if orientation in (2, 4, 5, 7) else pixels
    turns = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}[orientation]
    wanted = np.rot90(mirrored, turns)
    np.testing.assert_array_equal(read(path, (*wanted.shape, 1))[..., 0], wanted)
    assert read(path) == Kind(*wanted.shape[::-1], is_grey=True)


@pytest.mark.parametrize("kind", ["TIFF", "ICO", "PCX", "TGA", "JPEG2000", "PPM"])
def test_other_formats_are_none_of_the_five(tmp_path, kind):
    path = save(tmp_path / "a.png", red(), kind)
    for shape in (None, SHAPE):
        with pytest.raises(UserError, match="no PNG, JPEG, WebP, BMP or GIF file$"):
            read(path, shape)


def test_no_program_is_run_on_a_picture(tmp_path, monkeypatch):
    """A file that begins as PostScript does is not handed to Ghostscript."""
    ghostscript = tmp_path / "bin" / "gs"
    ghostscript.parent.mkdir()
    ghostscript.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/was-run\n')
    ghostscript.chmod(0o755)
    monkeypatch.setenv("PATH", str(ghostscript.parent), prepend=os.pathsep)
    (tmp_path / "a.png").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 12 8\n%%EndComments\nshowpage\n"
    )
    with pytest.raises(UserError, match="no PNG, JPEG"):
        read(tmp_path / "a.png", SHAPE)
    assert not (tmp_path / "was-run").exists()


def test_a_camera_s_file_of_several_jpegs_is_its_first(tmp_path):
    other = Image.new("RGB", (12, 8), "blue")
    path = tmp_path / "a.jpg"
    red().save(path, "MPO", save_all=True, append_images=[other])
    with Image.open(path) as image:
        assert (image.format, image.n_frames) == ("MPO", 2)
    found = read(path, SHAPE)
    np.testing.assert_allclose(found, np.full(SHAPE, (255, 0, 0)), atol=2)


def sixteen_bits(path, pixels, transparent=None):
    """Writes a grey PNG file of 16 bits, with a grey that is said to be transparent."""
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint16)).save(stream, "PNG")
    content = stream.getvalue()
    if transparent is not None:
        chunk = b"tRNS" + struct.pack(">H", transparent)
        chunk = struct.pack(">I", 2) + chunk + struct.pack(">I", zlib.crc32(chunk))
        before = content.index(b"IDAT") - 4
        content = content[:before] + chunk + content[before:]
    path.write_bytes(content)
    return path


def test_sixteen_bits_are_rounded(tmp_path):
    pixels = np.arange(0, 65536, 683).reshape(8, 12)
    path = sixteen_bits(tmp_path / "a.png", pixels)
    wanted = np.rint(pixels * (255 / 65535))
    np.testing.assert_array_equal(read(path, (8, 12, 1))[..., 0], wanted)


def test_sixteen_bits_with_a_transparent_grey(tmp_path):
    pixels = np.full((8, 12), 25600)
    pixels[:4] = 25601  # the same in eight bits
    path = sixteen_bits(tmp_path / "a.png", pixels, transparent=25600)
    found = read(path, SHAPE, background="#ff8800")
    assert (found[:4] == 100).all()
    assert (found[4:] == (255, 136, 0)).all()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "does not fit into memory"),
        (PermissionError(13, "Permission denied"), r"can't be read \(Permission den"),
        (struct.error("odd"), "is damaged, or no PNG"),
    ],
)
def test_what_pillow_raises_becomes_a_reason(tmp_path, monkeypatch, error, reason):
    def fail(*arguments, **options):
        raise error

    path = save(tmp_path / "a.png", red())
    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(UserError, match=reason):
        read(path)


@pytest.mark.parametrize(
    ("mode", "is_grey"),
    [("1", True), ("L", True), ("LA", True), ("P", False), ("RGB", False)],
)
def test_grey_is_what_is_stored_as_grey(tmp_path, mode, is_grey):
    path = save(tmp_path / "a.png", Image.new("L", (12, 8), 255).convert(mode))
    assert read(path) == Kind(12, 8, is_grey)


def test_a_picture_cut_short_is_of_no_kind(tmp_path):
    stream = io.BytesIO()
    Image.effect_noise((120, 80), 50).convert("RGB").save(stream, "JPEG")
    (tmp_path / "a.jpg").write_bytes(stream.getvalue()[:900])
    with pytest.raises(UserError, match="is damaged"):
        read(tmp_path / "a.jpg")
