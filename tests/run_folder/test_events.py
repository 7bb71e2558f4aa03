import imageio.v3 as iio
import numpy as np
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autoencoder.compat import tf
from autoencoder.run_folder import events as summaries


def test_graph_and_scalars_can_be_read_back(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.constant(1, name="a_node")
    with summaries.open_writer(tmp_path, graph) as writer:
        summaries.write_scalars(writer, {"batch_loss": 2.5}, 1)
        summaries.write_scalars(writer, {"batch_loss": 1.5}, 470)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert file.name.endswith(summaries.SUFFIX)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [node.name for node in events.Graph().node] == ["a_node"]
    scalars = [(event.step, event.value) for event in events.Scalars("batch_loss")]
    assert scalars == [(1, 2.5), (470, 1.5)]


def test_pictures_and_histograms_can_be_read_back(tmp_path):
    values = np.random.default_rng(0).normal(2, 3, (50, 40)).astype(np.float32)
    image = np.linspace(0, 1, 12).reshape(3, 4, 1)
    with summaries.open_writer(tmp_path, tf.Graph()) as writer:
        summaries.write_histograms(writer, {"normal": values, "one": np.ones(3)}, 7)
        summaries.write_images(writer, {"grey": image}, 7)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    (event,) = events.Histograms("normal")
    found = event.histogram_value
    assert event.step == 7
    assert (found.num, sum(found.bucket)) == (2000, 2000)
    assert found.min == values.min()
    assert found.max == values.max() == found.bucket_limit[-1]
    np.testing.assert_allclose(found.sum, values.sum(), rtol=1e-5)
    below = np.searchsorted(found.bucket_limit, 2)
    np.testing.assert_allclose(sum(found.bucket[:below]) / 2000, 0.5, atol=0.08)
    (event,) = events.Images("grey")
    assert (event.height, event.width) == (3, 4)
    pixels = iio.imread(event.encoded_image_string)
    np.testing.assert_array_equal(pixels, np.rint(255 * image[..., 0]))


def test_numbers_that_no_histogram_can_hold(tmp_path):
    arrays = {
        "nan": np.full(3, np.nan),
        "some": np.array([1.0, np.inf, 2.0]),
        "far": np.array([1e30, 1e30], np.float32),
    }
    with summaries.open_writer(tmp_path, tf.Graph()) as writer:
        summaries.write_histograms(writer, arrays, 1)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert set(events.Tags()["histograms"]) == {"some", "far"}
    assert events.Histograms("some")[0].histogram_value.num == 2


def test_a_text_with_what_means_something_in_a_table(tmp_path):
    with summaries.open_writer(tmp_path, tf.Graph()) as writer:
        flags = {"dataset": "a|b\nc.npz", "seed": None}
        summaries.write_run(writer, "run", flags, ["dataset", "seed"], ["loss"])
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    (event,) = events.Tensors("flags")
    assert event.tensor_proto.string_val[0].decode().splitlines() == [
        "| flag | value |",
        "|---|---|",
        "| --dataset | a\\|b c.npz |",
        "| --seed | None |",
    ]
