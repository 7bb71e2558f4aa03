"""Judges images by the training images that are nearest to them."""

from typing import NamedTuple

import numpy as np

from autoencoder.neighbours import nearest
from autoencoder.pixels import eight_bits
from autoencoder.randomness import generator

_NEIGHBOURS = 10
_PERCENTILE = 95  # of the test images' distances
_NOISE_IMAGES = 500


class Judged(NamedTuple):
    """What the judge finds.

    Attributes:
        classes: integers [n], the label of the nearest training image.
        valid: bool [n]: the 10 nearest have one label, and the nearest is no farther
            than all but 5% of the test images are from theirs.
    """

    classes: np.ndarray
    valid: np.ndarray


class Judge:
    """Compares images with a data set's training images, pixel by pixel.

    Args:
        dataset: Dataset with labels and test images.
        limits: dict, an earlier Judge's of the same data, or None: it is measured.

    Attributes:
        limits: dict of
            distance: float, of a valid image's nearest training image at most, in grey
                levels of 255;
            accuracy: float, share of the test images that get their own class;
            valid: dict of float, the share that is valid among "test images", "mean
                image" (0 or 1) and "noise", uniform pixels.
    """

    def __init__(self, dataset, limits=None):
        self._images, self._labels = dataset.x_train, dataset.y_train
        self.limits = self._measured(dataset) if limits is None else limits

    def judge(self, images):
        """Returns the Judged of images, uint8 [n, height, width, channels]."""
        return self._judged(*nearest(images, self._images, _NEIGHBOURS))

    def _judged(self, indices, distances):
        labels = self._labels[indices]
        is_one = (labels == labels[:, :1]).all(axis=1)
        is_near = distances[:, 0] <= self.limits["distance"]
        return Judged(labels[:, 0], is_one & is_near)

    def _measured(self, dataset):
        found = nearest(dataset.x_test, self._images, _NEIGHBOURS)
        self.limits = {"distance": float(np.percentile(found[1][:, 0], _PERCENTILE))}
        tests = self._judged(*found)
        shape = self._images.shape[1:]
        mean = eight_bits(self._images.mean(axis=0) / 255)
        random = generator("claims", 0)
        noise = random.integers(0, 256, (_NOISE_IMAGES, *shape), np.uint8)
        valid = {
            "test images": tests.valid,
            "mean image": self.judge(mean[np.newaxis]).valid,
            "noise": self.judge(noise).valid,
        }
        return self.limits | {
            "accuracy": float((tests.classes == dataset.y_test).mean()),
            "valid": {name: float(part.mean()) for name, part in valid.items()},
        }
