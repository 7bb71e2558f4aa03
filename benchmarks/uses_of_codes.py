"""What codes and losses are good for: a classifier, and a detector of anomalies.

For docs/questions.md. scikit-learn is in docs/requirements.txt.
"""

import csv
from itertools import permutations

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import KNeighborsClassifier

from autoencoder.evaluation import entropy_floor
from autoencoder.trained.found import load_run

_IMAGES = 10_000  # of the training images
_PERCENTILE = 95  # of their losses: the threshold


def accuracies(path, main_py):
    """Returns how often classifiers on codes and on pixels name the digit.

    Args:
        path: pathlib.Path, of a run whose data has labels.
        main_py: function of a command and its flags, which runs it.

    Returns:
        str, a table in Markdown.
    """
    dataset = load_run(path).dataset
    x_train, y_train = dataset.x_train[:_IMAGES], dataset.y_train[:_IMAGES]
    x_test, y_test = dataset.x_test, dataset.y_test
    codes = [_codes(path, images, main_py) for images in (x_train, x_test)]
    pixels = [images.reshape(len(images), -1) / 255 for images in (x_train, x_test)]
    lines = ["| | codes | pixels |", "|---|---|---|"]
    for title, classifier in (
        ("logistic regression", LogisticRegression(max_iter=1000)),
        ("5 nearest neighbours", KNeighborsClassifier(5)),
    ):
        shares = [
            classifier.fit(train, y_train).score(test, y_test)
            for train, test in (codes, pixels)
        ]
        lines.append(f"| {title} | {shares[0]:.1%} | {shares[1]:.1%} |")
    return "\n".join(lines)


def anomalies(paths, main_py):
    """Returns how well the losses of a run's own data tell it from another run's.

    Args:
        paths: dict from the data sets' titles to the paths of two runs.
        main_py: as above.

    Returns:
        str, a table in Markdown: mean losses, the area under the ROC curve, and the
        shares of both test sets above the threshold that 5% of the run's training
        images are above; of the loss, and of what is above each image's own floor.
    """
    data = {title: load_run(path).dataset for title, path in paths.items()}
    lines = [
        "| trained on | anomalies | judged by | mean | of anomalies | AUROC | found "
        "| false alarms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for own, other in permutations(paths, 2):
        parts = data[own].x_train[:_IMAGES], data[own].x_test, data[other].x_test
        losses = [_losses(paths[own], images, main_py) for images in parts]
        floors = [[entropy_floor(image[None]) for image in images] for images in parts]
        above = [loss - floor for loss, floor in zip(losses, floors, strict=True)]
        for title, scores in (("loss", losses), ("loss above the floor", above)):
            cells = " | ".join(_detected(*scores))
            lines.append(f"| {own} | {other} | {title} | {cells} |")
    return "\n".join(lines)


def _detected(known, normal, odd):
    """Returns the cells of a way of judging, from its scores of three sets."""
    threshold = np.percentile(known, _PERCENTILE)
    truth = np.repeat([0, 1], [len(normal), len(odd)])
    area = roc_auc_score(truth, np.concatenate([normal, odd]))
    shares = [f"{np.mean(scores > threshold):.1%}" for scores in (odd, normal)]
    return [f"{normal.mean():.1f}", f"{odd.mean():.1f}", f"{area:.3f}", *shares]


def _codes(path, images, main_py):
    output = path / "uses"
    main_py("encode", run_dir=path, output=output, images=_saved(output, images))
    with np.load(output / "codes.npz") as file:
        return file["mean"]


def _losses(path, images, main_py):
    """Returns the loss of each image, as reconstruct lists them."""
    output = path / "uses"
    main_py("reconstruct", run_dir=path, output=output, images=_saved(output, images))
    with (output / "losses.csv").open(newline="", encoding="utf-8") as file:
        return np.array([float(row["loss"]) for row in csv.DictReader(file)])


def _saved(folder, images):
    folder.mkdir(exist_ok=True)
    np.savez(folder / "images.npz", images=images)
    return folder / "images.npz"
