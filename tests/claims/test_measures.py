"""Each measure on arrays whose numbers are known."""

from types import SimpleNamespace

import numpy as np
import pytest

from autoencoder.claims import measures
from autoencoder.claims.judge import Judged
from autoencoder.claims.measures import Subject
from autoencoder.errors import UserError
from autoencoder.run_folder import snapshots

LABELS = np.arange(60) % 10  # of the test images, all of which are kept


class FirstPixel:
    """Judges an image by its first pixel: its class; valid if the second is 1."""

    def judge(self, images):
        flat = images.reshape(len(images), -1)
        return Judged(flat[:, 0].astype(int), flat[:, 1] == 1)


def images(classes, valid=1):
    """uint8 [n, 1, 2, 1] of these classes."""
    pairs = np.stack([classes, np.broadcast_to(valid, np.shape(classes))], axis=-1)
    return pairs.astype(np.uint8)[:, None, :, None]


def subject(tmp_path, decode=None, **arrays):
    """A run of three epochs; an array that has a list has one for each epoch."""
    arrays.setdefault("means", np.zeros((60, 2)))
    for epoch in (1, 2, 3):
        parts = {
            name: value[epoch - 1] if isinstance(value, list) else value
            for name, value in arrays.items()
        }
        snapshots.save(tmp_path, epoch, parts)
    rows = [{"test_loss": 200.0 - epoch} for epoch in (1, 2, 3, 4)]
    run = SimpleNamespace(
        snapshots=tmp_path,
        dataset=SimpleNamespace(y_test=LABELS),
        checkpoint=SimpleNamespace(rows=rows),
    )
    return Subject(run, 3, FirstPixel(), decode)


def test_losses_are_those_up_to_the_last_epoch(tmp_path):
    assert measures.losses(subject(tmp_path)) == [199, 198, 197]


def test_reconstructions_are_counted_by_class(tmp_path):
    early, late = LABELS * 0 + 9, np.where(LABELS == 4, 9, LABELS)
    found = measures.reconstructions(
        subject(
            tmp_path,
            decoded=[images(early), images(early), images(late, LABELS > 2)],
            first_decoded=images(early),
        )
    )
    assert found["kept"] == pytest.approx([0.1, 0.1, 0.9])
    assert found["early"] == [[0] * 9 + [6]] * 10
    expected = 6 * np.eye(10, dtype=int)
    expected[4] = expected[9]
    assert found["late"] == expected.tolist()
    assert found["valid"] == pytest.approx(0.7)


def test_fewer_images_are_decoded_than_encoded(tmp_path):
    """The places of 20 among 60 are 0, 3, 6, ..."""
    classes = LABELS[::3]
    found = measures.reconstructions(
        subject(tmp_path, decoded=images(classes), first_decoded=images(classes))
    )
    assert found["kept"] == [1, 1, 1]


def test_the_start_against_the_closed_form(tmp_path):
    random = np.random.default_rng(0)
    means = random.normal(0, [0.1, 0.4], (60, 2)).astype(np.float32)
    std_devs = random.uniform(0.5, 1.5, (60, 2)).astype(np.float32)
    found = measures.start(
        subject(tmp_path, first_means=means, first_std_devs=std_devs)
    )
    kl = 0.5 * (means**2 + std_devs**2 - np.log(std_devs**2) - 1).sum(axis=1)
    assert found["kl"] == pytest.approx(kl.mean(), rel=1e-5)
    assert found["means"] == pytest.approx(means.std(axis=0).tolist(), rel=1e-5)
    assert found["std_dev"] == pytest.approx(std_devs.mean(), rel=1e-5)


def test_neighbours_in_classes_that_lie_together(tmp_path):
    """Classes 2k and 2k + 1 share a place, and all places are far apart."""
    random = np.random.default_rng(0)
    places = np.stack([LABELS // 2 * 100.0, LABELS * 0.0], axis=1)
    together = (places + random.normal(size=(60, 2))).astype(np.float32)
    found = measures.neighbours(
        subject(tmp_path, means=[together] * 3, first_means=together)
    )
    shares = np.array(found["shares"])
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    for i in range(10):
        assert shares[i, i] + shares[i, i ^ 1] == pytest.approx(1)
    # Of the 11 others there are 5 of the own class; 10 are the nearest.
    assert found["equal"][-1] == pytest.approx(shares.diagonal().mean())
    assert 0.4 <= found["equal"][-1] <= 0.5
    assert found["early"] == found["equal"][0] == found["equal"][2]
    assert found["chance"] == pytest.approx(0.1)


def test_neighbours_against_every_distance(tmp_path):
    codes = np.random.default_rng(1).normal(size=(60, 3)).astype(np.float32)
    found = measures.neighbours(subject(tmp_path, means=codes, first_means=codes))
    equal = []
    for i, code in enumerate(codes):
        distances = np.linalg.norm(codes.astype(float) - code, axis=1)
        distances[i] = np.inf
        equal.append((LABELS[np.argsort(distances)[:10]] == LABELS[i]).mean())
    assert found["equal"] == pytest.approx([np.mean(equal)] * 3)


def test_equal_codes_have_ten_neighbours_each(tmp_path):
    found = measures.neighbours(subject(tmp_path, first_means=np.zeros((60, 2))))
    np.testing.assert_allclose(np.sum(found["shares"], axis=1), 1)


def test_the_plane_and_its_holes(tmp_path):
    """Codes on a cross leave four corners empty; the right ones decode to valid."""
    line = np.linspace(-7, 7, 1401)
    codes = np.concatenate(
        [np.stack(p, 1) for p in ((line, line * 0), (line * 0, line))]
    )
    decoded = []

    def decode(holes):
        decoded.append(holes)
        return images(holes[:, 0] * 0, holes[:, 0] > 0) / np.float32(255)

    found = measures.plane(subject(tmp_path, decode, codes=codes))
    (holes,) = decoded
    empty = np.abs(holes).min(axis=1) > 0.4
    assert empty.all()
    assert found["empty"] == pytest.approx(len(holes) / 196)
    assert found["valid"] == pytest.approx(0.5, abs=0.05)
    assert found["std_devs"] == pytest.approx(codes.std(axis=0).tolist())


def test_a_plane_without_holes_has_no_valid_ones(tmp_path):
    x, y = np.meshgrid(np.linspace(0, 1, 100), np.linspace(0, 1, 100))
    codes = np.stack([x.ravel(), y.ravel()], axis=1)
    found = measures.plane(subject(tmp_path, codes=codes))
    assert (found["empty"], found["valid"]) == (0, None)


def test_the_grid_at_the_end_of_the_first_and_the_last_epoch(tmp_path):
    grids = [np.zeros((14, 14, 1, 2, 1), np.float16) for _ in range(3)]
    grids[2][:7, :, 0, 0] = 4 / 255
    grids[2][0, :, 0, 1] = 1 / 255
    found = measures.grid(subject(tmp_path, grid=grids))
    assert found == {
        "first": {"classes": [196, *[0] * 9], "valid": 0},
        "late": {"classes": [98, 0, 0, 0, 98, *[0] * 5], "valid": 14 / 196},
    }


def test_lines_go_from_sandals_to_boots(tmp_path):
    """Codes count images; the class on the line is 5, 7 or 9 by thirds."""
    means = np.stack([LABELS.astype(np.float32), np.arange(60)], axis=1)
    starts = []

    def decode(codes):
        starts.extend(codes[::21, 1].tolist())
        return (
            images(np.where(codes[:, 0] < 6, 5, np.where(codes[:, 0] < 8, 7, 9))) / 255
        )

    found = measures.lines(subject(tmp_path, decode, means=means))
    assert starts == [5, 15, 25, 35, 45, 55]
    assert len(found) == 6
    # From 5 to 9 in 20 steps of 0.2.
    assert found[0] == [5] * 5 + [7] * 10 + [9] * 6


def test_what_an_older_run_lacks_is_named(tmp_path):
    with pytest.raises(UserError, match=r"epoch-1.npz has no first_means"):
        measures.start(subject(tmp_path))
