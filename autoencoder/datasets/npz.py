"""An .npz file with Keras's keys, read and checked."""

import numpy as np

from autoencoder.errors import UserError

_KEYS = ("x_train", "y_train", "x_test", "y_test", "class_names")


def read(path, remedy):
    """Reads the arrays of a data set.

    Args:
        path: of the file.
        remedy: str, what to do if it is damaged.

    Returns:
        dict: x_train, uint8 [n, height, width, channels], x_test, the same or None,
        y_train and y_test, integers [n] or None, and class_names, list of str or None.

    Raises:
        UserError: the file is damaged, or its arrays have another form.
        MemoryError: it does not fit.
    """
    arrays = arrays_of(path, _KEYS, remedy)
    x_train, y_train = _split(path, arrays, "train")
    x_test, y_test = _split(path, arrays, "test")
    if x_train is None:
        names = ", ".join(arrays) or "none"
        raise UserError(f"{path} has no array x_train; the arrays in it: {names}")
    if x_test is not None and x_test.shape[1:] != x_train.shape[1:]:
        raise UserError(
            f"{path}: training images are {[*x_train.shape[1:]]} and test images "
            f"{[*x_test.shape[1:]]}, but all must have one size and colour"
        )
    return {
        "x_train": x_train,
        "y_train": y_train,
        "x_test": x_test,
        "y_test": y_test,
        "class_names": _class_names(path, arrays, y_train, y_test),
    }


def eight_bits(name, images):
    """Checks images, and converts them to the form that the program uses.

    Args:
        name: str, of the array, for a message.
        images: uint8, or floats in [0, 1], [n, height, width], or with 1 or 3 channels
            [n, height, width, channels].

    Returns:
        uint8 [n, height, width, channels].

    Raises:
        UserError: they are anything else, or none.
    """
    given = f"{images.dtype} {list(images.shape)}"
    images = images[..., np.newaxis] if images.ndim == 3 else images
    is_float = np.issubdtype(images.dtype, np.floating)
    if (
        not (is_float or images.dtype == np.uint8)
        or images.ndim != 4
        or images.shape[3] not in (1, 3)
    ):
        raise UserError(
            f"{name} is {given}, but uint8, or floats in [0, 1], are needed, "
            "[n, height, width], or with 1 or 3 channels [n, height, width, channels]"
        )
    if images.size == 0:
        raise UserError(f"{name} holds no image")
    if not is_float:
        return images
    if not (images.min() >= 0 and images.max() <= 1):  # false for NaN, too
        raise UserError(
            f"{name} has floats from {images.min()} to {images.max()}, but they must "
            "be in [0, 1]"
        )
    return np.rint(images * 255).astype(np.uint8)


def labels_of_images(name, labels, count):
    """Checks labels.

    Args:
        name: str, of the array, for a message.
        labels: integers [count], or [count, 1], as in Keras's CIFAR-10.
        count: int.

    Returns:
        integers [count].

    Raises:
        UserError: they are anything else.
    """
    if labels.shape == (count, 1):
        labels = labels[:, 0]
    if labels.shape == (count,) and np.issubdtype(labels.dtype, np.integer):
        return labels
    raise UserError(
        f"{name} is {labels.dtype} {list(labels.shape)}, but integers [{count}] are "
        "needed, one for each image, or no such array"
    )


def arrays_of(path, keys, remedy):
    """Reads some of a file's arrays.

    Args:
        path: of the file.
        keys: names of the arrays to read, if they are there.
        remedy: str, what to do if the file is damaged.

    Returns:
        dict of arrays; if none of them is there, from the names of all to None.

    Raises:
        UserError: the file is damaged, or one of the arrays is of Python objects.
        MemoryError: they do not fit.
    """
    key = None
    try:
        with np.load(path) as file:
            arrays = {}
            for key in set(keys).intersection(file.files):
                arrays[key] = np.asarray(file[key])
            return arrays or dict.fromkeys(file.files)
    except MemoryError:
        raise
    # For a damaged file zipfile, zlib and NumPy raise a dozen types of errors.
    except Exception as error:
        if "Object arrays cannot be loaded" in str(error):
            raise UserError(
                f"{path}: {key} is an array of Python objects, but numbers or strings "
                "are needed"
            ) from None
        raise UserError(f"{path} is damaged or no .npz file: {remedy}") from None


def _class_names(path, arrays, *labels):
    names = arrays.get("class_names")
    if names is None:
        return None
    if names.ndim != 1 or names.dtype.kind != "U":
        form = f"{names.dtype} {list(names.shape)}"
        raise UserError(f"{path}: class_names is {form}, but strings [n] are needed")
    for given in labels:
        if given is not None and not ((given >= 0) & (given < len(names))).all():
            raise UserError(
                f"{path}: class_names has {len(names)} names, but labels go from "
                f"{given.min()} to {given.max()}, not from 0 to {len(names) - 1}"
            )
    return names.tolist()


def _split(path, arrays, split):
    """Returns images [n, h, w, c] and labels of a split, None if there are none."""
    images, labels = arrays.get(f"x_{split}"), arrays.get(f"y_{split}")
    if images is None or (split == "test" and images.size == 0):
        return None, None
    images = eight_bits(f"{path}: x_{split}", images)
    if labels is not None:
        labels = labels_of_images(f"{path}: y_{split}", labels, len(images))
    return images, labels
