"""Files of codes, .npz and .csv, which encode writes and decode reads."""

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np

from autoencoder.errors import UserError
from autoencoder.files import replacing


class Codes(NamedTuple):
    """Codes of images.

    Attributes:
        names: list of str.
        labels: list of int, or None for images without one.
        classes: list of str, the labels' names; "" for images without a label.
        mean: float32 [n, latent_dim].
        std_dev: float32 [n, latent_dim].
        z: float32 [n, latent_dim], samples, or None.
    """

    names: list
    labels: list
    classes: list
    mean: np.ndarray
    std_dev: np.ndarray
    z: np.ndarray | None


def write(folder, codes):
    """Writes codes.npz and codes.csv.

    The .npz has the arrays names, mean and std_dev; labels and classes if all images
    have one; and z if codes were sampled. The .csv has a row per image and a column per
    number.
    """
    arrays = {"names": np.array(codes.names), "mean": codes.mean}
    arrays["std_dev"] = codes.std_dev
    if None not in codes.labels:
        arrays["labels"] = np.array(codes.labels)
        arrays["classes"] = np.array(codes.classes)
    if codes.z is not None:
        arrays["z"] = codes.z
    with replacing(folder / "codes.npz") as part:
        np.savez(part, **arrays)
    parts = {"mean": codes.mean, "std_dev": codes.std_dev, "z": codes.z}
    parts = {name: part for name, part in parts.items() if part is not None}
    header = [
        f"{name}_{i}" for name, part in parts.items() for i in range(part.shape[1])
    ]
    with (
        replacing(folder / "codes.csv") as part,
        part.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name", "label", "class", *header])
        numbers = np.concatenate([*parts.values()], axis=1)
        of_images = zip(codes.names, codes.labels, codes.classes, numbers, strict=True)
        for *image, row in of_images:
            # Nine digits restore a float32 exactly.
            writer.writerow([*image, *(f"{value:.9g}" for value in row)])


def read(path, latent_dim):
    """Reads the codes to decode: z if the file has it, otherwise mean.

    Args:
        path: str, of an .npz or .csv file like those that encode writes.
        latent_dim: int.

    Returns:
        names: list of str.
        codes: float32 [n, latent_dim].

    Raises:
        UserError: the file is missing or damaged, or its codes don't fit.
    """
    path = Path(path)
    if path.is_dir():
        raise UserError(f"--codes {path} is a folder: name a file in it")
    if not path.exists():
        raise UserError(f"--codes {path} is not there: check the path")
    reader = _read_npz if path.suffix.lower() == ".npz" else _read_csv
    try:
        names, codes = reader(path)
        with np.errstate(over="ignore"):
            codes = np.asarray(codes).astype(np.float32)
        names = [str(name) for name, _ in zip(names, codes, strict=True)]
    # A damaged file makes zipfile, csv and NumPy raise a dozen types between them.
    except Exception:
        raise UserError(
            f"{path} is damaged, or not a file of codes: it needs an array mean or z, "
            "or columns mean_0, mean_1, ... or z_0, z_1, ..."
        ) from None
    if codes.ndim != 2 or codes.shape[1] != latent_dim or not len(codes):
        raise UserError(
            f"{path} holds codes {list(codes.shape)}, but the run takes "
            f"[n, {latent_dim}]"
        )
    if not np.isfinite(codes).all():
        raise UserError(f"{path} holds a code that is not finite")
    return names, codes


def _read_npz(path):
    with np.load(path) as file:
        codes = file["z" if "z" in file else "mean"]
        names = (
            file["names"].tolist() if "names" in file else map(str, range(len(codes)))
        )
        return list(names), codes


def _read_csv(path):
    # Excel writes a mark first, and in some countries ; between columns.
    text = path.read_bytes().decode("utf-8-sig")
    has_semicolons = ";" in text.partition("\n")[0]
    delimiter = ";" if has_semicolons else ","
    rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    kind = "z" if "z_0" in rows[0] else "mean"
    count = sum(bool(re.fullmatch(rf"{kind}_\d+", name)) for name in rows[0])
    columns = [f"{kind}_{i}" for i in range(count)]
    point = "," if has_semicolons else "."  # those countries write 0,5 for 0.5
    codes = [[float(row[name].replace(point, ".")) for name in columns] for row in rows]
    names = [row.get("name") or str(i) for i, row in enumerate(rows)]
    return names, np.array(codes)
