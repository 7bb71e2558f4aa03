"""`python main.py evaluate`: prints and writes held-out numbers of a trained run.

python main.py evaluate --importance_samples 100
"""

import json

import numpy as np

from autoencoder.evaluation import (
    active_units,
    bound,
    entropy_floor,
    evaluate,
    log_mean_weights,
)
from autoencoder.files import replacing
from autoencoder.trained.open_run import open_run

# Of images with greys, and of images of black and white, whose entropy floor is 0.
_BOUND_OF = (
    "mean log-likelihood of images of black and white sampled from these greys",
    "mean log-likelihood of these images of black and white",
)


def run(flags):
    """Repeats the training's last held-out pass, or evaluates other images."""
    with open_run(flags, "evaluate") as opened:
        floors = []  # of each batch, with its size
        epoch = opened.trained.checkpoint.epoch
        held_out = evaluate(
            opened.sess,
            opened.model,
            _noting_floors(opened.batches(), floors),
            opened.trained.flags,
            epoch,
        )
        values, sizes = zip(*floors, strict=True)
        floor = float(np.average(values, weights=sizes))
        numbers = {
            "images": len(held_out.codes),
            "epoch": epoch,
            "image_loss": held_out.image_loss,
            "kl": held_out.latent_loss,
            "loss": held_out.loss,
            "elbo": -(held_out.image_loss + held_out.latent_loss),
            "entropy_floor": floor,
            "above_entropy_floor": held_out.image_loss - floor,
            "active_units": active_units(held_out.mean_variance),
        }
        if flags.importance_samples:
            numbers |= _bound(opened) | {"bound_of": _BOUND_OF[floor == 0]}
        path = opened.output / "evaluate.json"
        with replacing(path) as part:
            part.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
        print(_text(numbers))
        print(f"the same as JSON: {path}")


def _noting_floors(batches, floors):
    for batch in batches:
        floors.append((entropy_floor(batch.images), len(batch.images)))
        yield batch.images


def _bound(opened):
    samples, seed = opened.flags.importance_samples, opened.trained.flags.seed
    values, first = [], 0
    for batch in opened.batches():
        values.append(
            log_mean_weights(
                opened.sess, opened.model, batch.images, first, samples, seed
            )
        )
        first += len(batch.images)
    mean, standard_error = bound(np.concatenate(values))
    return {
        "importance_samples": samples,
        "importance_weighted_bound": mean,
        "standard_error": standard_error,
    }


def _text(numbers):
    lines = [
        f"{numbers['images']:,} images, epoch {numbers['epoch']}, nats per image:",
        f"  image loss     {numbers['image_loss']:9.3f}, "
        f"{numbers['above_entropy_floor']:.3f} above the entropy floor of "
        f"{numbers['entropy_floor']:.3f}",
        f"  KL             {numbers['kl']:9.3f}, "
        f"{numbers['active_units']} active units",
        f"  loss           {numbers['loss']:9.3f}",
        f"  ELBO           {numbers['elbo']:9.3f}",
    ]
    if "importance_samples" in numbers:
        lines.append(
            f"  lower bound    {numbers['importance_weighted_bound']:9.3f} with "
            f"{numbers['importance_samples']} importance samples"
        )
        if numbers["standard_error"] is not None:
            lines[-1] += f", standard error {numbers['standard_error']:.3f}"
        lines.append(f"                 of the {numbers['bound_of']}")
    return "\n".join(lines)
