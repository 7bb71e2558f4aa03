"""A SavedModel: the trained network for TensorFlow Serving, TensorFlow 2 and others."""

import shutil

from autoencoder.compat import tf, without_deprecation_warnings
from autoencoder.decoder import decoder
from autoencoder.encoder import encoder
from autoencoder.errors import UserError
from autoencoder.run_folder import outputs
from autoencoder.session import open_session
from autoencoder.trained.restore import restore_newest


def export(run, folder):
    """Writes a SavedModel with the signatures encode, decode and reconstruct.

    Images and reconstructions are float32 [batch, height, width, channels] in [0, 1],
    for any batch; codes are float32 [batch, latent_dim]; those of an image are the
    means. No signature has an input and an output of one name, which ONNX refuses.

    Args:
        run: TrainedRun.
        folder: pathlib.Path, of the versions; this one is named by its step.

    Returns:
        pathlib.Path, of the version.

    Raises:
        UserError: it exists already, or can't be written.
    """
    graph, signatures, saver = _graph(run)
    with without_deprecation_warnings(), open_session(graph) as sess:
        run = restore_newest(saver, sess, run)
        version = outputs.free_version(folder, run.checkpoint.step)
        # Serving watches the folder of versions, so an unfinished one has another name.
        part = version.with_name(f".part-{version.name}")
        shutil.rmtree(part, ignore_errors=True)
        try:
            builder = tf.saved_model.Builder(str(part))
            builder.add_meta_graph_and_variables(
                sess, [tf.saved_model.tag_constants.SERVING], signatures, saver=saver
            )
            builder.save()
        except tf.errors.OpError as error:  # of many types, where the disk is full
            shutil.rmtree(part, ignore_errors=True)
            reason = " ".join(error.message.splitlines())
            raise UserError(f"{version} can't be written: {reason}") from None
    part.rename(version)
    return version


def _graph(run):
    """Returns a graph that needs no epsilon, its signatures, and a tf.train.Saver."""
    with tf.Graph().as_default() as graph, without_deprecation_warnings():
        images = tf.placeholder(tf.float32, [None, *run.image_shape], name="images")
        _, mean_, std_dev = encoder(images, flags=run.flags)
        # A signature may be fed any tensor: decode starts in the middle of the graph.
        codes = tf.identity(mean_, name="codes")
        output, _ = decoder(codes, run.image_shape, flags=run.flags)
        saver = tf.train.Saver()
        signature = tf.saved_model.predict_signature_def
        encoded = {"codes": mean_, "std_dev": std_dev}
        signatures = {
            "encode": signature({"images": images}, encoded),
            "decode": signature({"codes": codes}, {"images": output}),
            "reconstruct": signature({"images": images}, {"reconstructions": output}),
        }
    return graph, signatures, saver
