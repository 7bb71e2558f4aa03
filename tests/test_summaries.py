from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from autoencoder import summaries
from autoencoder.compat import tf


def test_graph_and_scalars_can_be_read_back(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.constant(1, name="a_node")
    with summaries.open_writer(tmp_path, graph) as writer:
        summaries.write_scalar(writer, "batch_loss", 2.5, 1)
        summaries.write_scalar(writer, "batch_loss", 1.5, 470)
    (file,) = tmp_path.iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert file.name.endswith(summaries.SUFFIX)
    events = EventAccumulator(str(tmp_path))
    events.Reload()
    assert [node.name for node in events.Graph().node] == ["a_node"]
    scalars = [(event.step, event.value) for event in events.Scalars("batch_loss")]
    assert scalars == [(1, 2.5), (470, 1.5)]
