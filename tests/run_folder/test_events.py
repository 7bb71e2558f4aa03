import imageio.v3 as iio
import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autoencoder.compat import tf
from autoencoder.errors import UserError
from autoencoder.run_folder import events
from autoencoder.run_folder.layout import EVENT_SUFFIX


def test_graph_and_scalars_can_be_read_back(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.constant(1, name="a_node")
    with events.open_writer(tmp_path, graph) as writer:
        events.write_scalars(writer, {"batch_loss": 2.5}, 1)
        events.write_scalars(writer, {"batch_loss": 1.5}, 470)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert file.name.endswith(EVENT_SUFFIX)
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    assert [node.name for node in read.Graph().node] == ["a_node"]
    scalars = [(event.step, event.value) for event in read.Scalars("batch_loss")]
    assert scalars == [(1, 2.5), (470, 1.5)]


def test_pictures_and_histograms_can_be_read_back(tmp_path):
    values = np.random.default_rng(0).normal(2, 3, (50, 40)).astype(np.float32)
    image = np.linspace(0, 1, 12).reshape(3, 4, 1)
    with events.open_writer(tmp_path, tf.Graph()) as writer:
        events.write_histograms(writer, {"normal": values, "one": np.ones(3)}, 7)
        events.write_images(writer, {"grey": image}, 7)
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    (event,) = read.Histograms("normal")
    found = event.histogram_value
    assert event.step == 7
    assert (found.num, sum(found.bucket)) == (2000, 2000)
    assert found.min == values.min()
    assert found.max == values.max() == found.bucket_limit[-1]
    np.testing.assert_allclose(found.sum, values.sum(), rtol=1e-5)
    below = np.searchsorted(found.bucket_limit, 2)
    np.testing.assert_allclose(sum(found.bucket[:below]) / 2000, 0.5, atol=0.08)
    (event,) = read.Images("grey")
    assert (event.height, event.width) == (3, 4)
    pixels = iio.imread(event.encoded_image_string)
    np.testing.assert_array_equal(pixels, np.rint(255 * image[..., 0]))


def test_numbers_that_no_histogram_can_hold(tmp_path):
    arrays = {
        "nan": np.full(3, np.nan),
        "some": np.array([1.0, np.inf, 2.0]),
        "far": np.array([1e30, 1e30], np.float32),
    }
    with events.open_writer(tmp_path, tf.Graph()) as writer:
        events.write_histograms(writer, arrays, 1)
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    assert set(read.Tags()["histograms"]) == {"some", "far"}
    assert read.Histograms("some")[0].histogram_value.num == 2


def test_a_text_with_what_means_something_in_a_table(tmp_path):
    with events.open_writer(tmp_path, tf.Graph()) as writer:
        flags = {"dataset": "a|b\nc.npz", "seed": None}
        events.write_run(writer, "run", flags, ["dataset", "seed"], ["loss"])
    read = EventAccumulator(str(tmp_path))
    read.Reload()
    (event,) = read.Tensors("flags")
    assert event.tensor_proto.string_val[0].decode().splitlines() == [
        "| flag | value |",
        "|---|---|",
        "| --dataset | a\\|b c.npz |",
        "| --seed | None |",
    ]


def test_events_that_cannot_be_written_are_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("where the folder should be")
    with (
        pytest.raises(UserError, match="TensorBoard's events can't be written: "),
        events.open_writer(tmp_path / "file" / "logs", tf.Graph()),
    ):
        pass

    def fails(*arguments):  # as after a flush by the writer's thread
        raise tf.errors.ResourceExhaustedError(None, None, "f; No space left on device")

    trace = tf.RunMetadata()
    for write in (
        lambda writer: events.write_scalars(writer, {"loss": 1.0}, 1),
        lambda writer: events.write_run(writer, "run", {"seed": 1}, ["seed"], []),
        lambda writer: events.write_trace(writer, trace, 1),
    ):
        with events.open_writer(tmp_path, tf.Graph()) as writer:
            monkeypatch.setattr(writer.event_writer, "add_event", fails)
            with pytest.raises(UserError, match="written: No space left on device$"):
                write(writer)
