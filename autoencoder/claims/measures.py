"""What is measured on one run: arrays of its snapshots in, numbers out."""

from typing import Any, NamedTuple

import numpy as np

from autoencoder.claims.judge import Judge
from autoencoder.errors import UserError
from autoencoder.experiments import between, frame, spread
from autoencoder.neighbours import nearest
from autoencoder.pixels import eight_bits
from autoencoder.run_folder import snapshots
from autoencoder.run_folder.layout import SNAPSHOT
from autoencoder.trained.found import TrainedRun

_NEIGHBOURS = 10
_LINES, _POINTS = 100, 21
_SANDAL, _BOOT = 5, 9  # of Fashion-MNIST


class Subject(NamedTuple):
    """A run that is measured.

    Attributes:
        run: TrainedRun with its data, which has labels and test images.
        last: int, the epoch that counts as the end; that of the run's checkpoint.
        judge: Judge of its data.
        decode: function from codes [n, latent_dim] to images in [0, 1], with the
            weights of the checkpoint.
    """

    run: TrainedRun
    last: int
    judge: Judge
    decode: Any

    @property
    def labels(self):
        """Integers [k], of the test images whose codes the snapshots hold."""
        labels = self.run.dataset.y_test
        kept = len(self.array(self.last, "means"))
        return labels[spread(len(labels), kept)]

    def array(self, epoch, name):
        """Returns an array of an epoch, or raises a UserError if it isn't there."""
        states = snapshots.load(self.run.snapshots, [epoch], name)
        if not states:
            path = self.run.snapshots / SNAPSHOT.format(epoch)
            raise UserError(f"{path} has no {name}")
        return states[0][0]


def losses(subject):
    """Returns the held-out loss after each epoch, in nats per image."""
    return [row["test_loss"] for row in subject.run.checkpoint.rows[: subject.last]]


def reconstructions(subject):
    """Returns what the decoded means of some test images are taken for.

    Returns:
        dict of
            kept: list, after each epoch, of the share that has its image's class;
            early, late: lists of lists; row i counts the classes of the reconstructions
                of class i, after the first step of epoch 2 and at the end;
            valid: float, the share that is valid at the end.
    """
    last, judge = subject.last, subject.judge
    decoded = [subject.array(epoch, "decoded") for epoch in range(1, last + 1)]
    labels = subject.labels
    labels = labels[spread(len(labels), len(decoded[0]))]
    judged = [judge.judge(images) for images in decoded]
    early = judge.judge(subject.array(2, "first_decoded"))
    return {
        "kept": [_share(one.classes == labels) for one in judged],
        "early": _counts(labels, early.classes).tolist(),
        "late": _counts(labels, judged[-1].classes).tolist(),
        "valid": _share(judged[-1].valid),
    }


def start(subject):
    """Returns how far the codes are from the prior after the first step.

    Returns:
        dict of
            kl: float, nats per image;
            means: list, of each dimension the standard deviation of its mean over the
                images;
            std_dev: float, the mean of std_dev.
    """
    means = subject.array(1, "first_means").astype(np.float64)
    std_devs = subject.array(1, "first_std_devs").astype(np.float64)
    terms = np.square(means) + np.square(std_devs) - 2 * np.log(std_devs) - 1
    return {
        "kl": float(terms.sum(axis=1).mean() / 2),
        "means": means.std(axis=0).tolist(),
        "std_dev": float(std_devs.mean()),
    }


def neighbours(subject):
    """Returns which classes the nearest codes of each class have.

    Returns:
        dict of
            equal: list, after each epoch, of the share of an image's 10 nearest codes
                that have its label;
            early: float, the same after the first step of epoch 2;
            chance: float, that share if codes said nothing about labels;
            shares: list of lists; row i, column j is the share of the codes nearest to
                those of class i that are of class j, at the end.
    """
    labels, epochs = subject.labels, range(1, subject.last + 1)
    tables = [
        _neighbour_shares(subject.array(epoch, "means"), labels) for epoch in epochs
    ]
    early = _neighbour_shares(subject.array(2, "first_means"), labels)
    weights = np.bincount(labels, minlength=10) / len(labels)
    return {
        "equal": [float(weights @ table.diagonal()) for table in tables],
        "early": float(weights @ early.diagonal()),
        "chance": float(weights @ weights),
        "shares": tables[-1].tolist(),
    }


def plane(subject):
    """Returns how much of the plane the codes take, and what its holes decode to.

    Returns:
        dict of
            std_devs: list, the standard deviations of the codes' two coordinates;
            empty: float, the share of the 14x14 cells of their frame without a code;
            valid: float, the share of those cells' middles that decode to a valid
                image; None if no cell is empty.
    """
    codes = subject.array(subject.last, "codes")
    cells = frame(codes)
    is_empty = cells.counts == 0
    holes = np.stack(np.meshgrid(cells.x, cells.y), axis=-1)[is_empty]
    valid = None
    if len(holes):
        images = eight_bits(subject.decode(holes))
        valid = _share(subject.judge.judge(images).valid)
    return {
        "std_devs": codes.std(axis=0, dtype=np.float64).tolist(),
        "empty": _share(is_empty),
        "valid": valid,
    }


def grid(subject):
    """Returns what the post's 14x14 points decode to.

    Returns:
        dict of first and late, at the end of epoch 1 and of the last, each a dict of
            classes: list, how many images are of each class;
            valid: float, the share that is valid.
    """

    def seen(epoch):
        images = eight_bits(subject.array(epoch, "grid"))
        judged = subject.judge.judge(images.reshape(-1, *images.shape[2:]))
        counts = np.bincount(judged.classes, minlength=10)
        return {"classes": counts.tolist(), "valid": _share(judged.valid)}

    return {"first": seen(1), "late": seen(subject.last)}


def lines(subject):
    """Returns the classes on straight lines from a sandal's code to a boot's.

    Returns:
        list of lists of int: of each line the classes of its 21 decoded points.
    """
    means, labels = subject.array(subject.last, "means"), subject.labels
    sandals, boots = means[labels == _SANDAL], means[labels == _BOOT]
    paths = [
        between(np.stack(ends), _POINTS - 2)
        for ends in zip(sandals[:_LINES], boots[:_LINES], strict=False)
    ]
    images = eight_bits(subject.decode(np.concatenate(paths)))
    return subject.judge.judge(images).classes.reshape(-1, _POINTS).tolist()


def _neighbour_shares(codes, labels):
    """Returns [classes, classes], the shares of the classes of the nearest codes."""
    indices, _ = nearest(codes, codes, _NEIGHBOURS + 1)
    is_other = indices != np.arange(len(codes))[:, None]
    # Among codes that are equal an image may not be its own nearest, or not be found.
    is_other[is_other.all(axis=1), -1] = False
    found = labels[indices[is_other]]
    counts = _counts(np.repeat(labels, _NEIGHBOURS), found)
    return counts / np.maximum(1, counts.sum(axis=1, keepdims=True))


def _counts(rows, columns):
    """Returns int [10, 10], how often each pair of labels comes."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (rows, columns), 1)
    return counts


def _share(flags):
    return float(np.mean(flags))
