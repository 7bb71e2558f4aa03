"""One process of several that take each step together, by TensorFlow's all-reduce.

Every replica holds all weights and computes its part of each batch. One collective sum,
over tf.train.Server, turns the parts' gradients and losses into the whole batch's.
"""

import contextlib
import itertools
from dataclasses import replace

from autoencoder.cluster.lost import ending_with
from autoencoder.compat import tf
from autoencoder.loss import total_loss
from autoencoder.session import cluster_config, enough_memory
from autoencoder.task import noise_of_step


class Replica:
    """A process's part of the steps, in the place of task.Alone.

    Args:
        cluster: tf_config.Cluster.
        flags: reads batch_size, precision and threads.
    """

    def __init__(self, cluster, flags):
        self._cluster = cluster
        self._flags = flags
        self._whole = self._begin = self._end = None  # rows of a batch: see share
        self._keys = itertools.count(1)  # of collectives, in the same order everywhere
        self._config = cluster_config(
            cluster.chief.device, cluster.me.device, flags.precision, flags.threads
        )
        self._server = tf.train.Server(
            tf.train.ClusterSpec(cluster.spec),
            cluster.me.job,
            cluster.me.index,
            config=self._config,
        )

    def devices(self):
        """Returns the context that places all ops on this task."""
        return tf.device(self._cluster.me.device)

    def share(self, batch):
        """Returns this task's part of a batch.

        An empty part computes an image that does not count: oneDNN's convolutions
        refuse an empty batch.
        """
        index, count = self._cluster.index, len(self._cluster.tasks)
        self._whole = tf.shape(batch)[0]
        self._begin = self._whole * index // count
        self._end = self._whole * (index + 1) // count
        return self._part(batch)

    def _part(self, rows):
        return rows[self._begin : tf.maximum(self._end, self._begin + 1)]

    def noise(self, seed, step):
        """Returns a function that draws the part's rows of the batch's noise."""
        whole = noise_of_step(seed, step)

        def noise(shape, name):
            return tf.identity(self._part(whole([self._whole, shape[1]])), name=name)

        return noise

    def apply(self, optimizer, gradients, trained, global_step):
        """Builds the step: sums all parts' gradients, weighted by their images."""
        count = self._end - self._begin
        weight = tf.cast(count, tf.float32) / tf.cast(self._whole, tf.float32)
        losses = tf.stack([trained.img_loss, trained.latent_loss], axis=1)[:count]
        # A collective has one size in every run: a row for each image of a full batch.
        board = tf.scatter_nd(
            tf.range(self._begin, self._end)[:, None],
            losses,
            [self._flags.batch_size, 2],
        )
        weighted = [gradient * weight for gradient, _ in gradients]
        *summed, board = self._sums([*weighted, board])
        variables = [variable for _, variable in gradients]
        img_loss, kl = board[: self._whole, 0], board[: self._whole, 1]
        loss = total_loss(img_loss, kl, trained.kl_weight)
        trained = replace(trained, img_loss=img_loss, latent_loss=kl, loss=loss)
        pairs = zip(summed, variables, strict=True)
        return optimizer.apply_gradients(pairs, global_step), trained

    def steps(self, batches):
        """Returns an iterable with an item for each step of an epoch, and no more.

        TensorFlow uses the number of a run that failed for the next one, and what it
        cleans up late after the first then takes the second's collective away.
        """
        return range(batches)

    @contextlib.contextmanager
    def session(self, model, initialize=None):
        """Yields a session in which all tasks' variables have the chief's values.

        It ends when all tasks have come to its end. Arguments as in task.Alone; only
        the chief needs initialize.
        """
        is_chief = self._cluster.is_chief
        with model.graph.as_default(), self.devices():
            variables = tf.global_variables()
            values = [v if is_chief else tf.zeros_like(v) for v in variables]
            totals = zip(variables, self._sums(values), strict=True)
            alike = [variable.assign(total) for variable, total in totals]
            parting = self._sums([tf.zeros([1])])
        model.graph.finalize()
        target, config = self._server.target, self._config
        watched = self._cluster.others if is_chief else [self._cluster.chief]
        with (
            enough_memory(),
            tf.Session(target, model.graph, config) as sess,
            contextlib.ExitStack() as watch,
        ):
            watch.enter_context(ending_with(self._cluster, watched))
            if is_chief:
                initialize(sess)
            else:
                sess.run(model.init_op)
            sess.run(alike)
            if is_chief:  # which finishes an epoch also without the others
                watch.close()
            yield sess
            if is_chief:  # another first run of a collective
                watch.enter_context(ending_with(self._cluster, watched))
            sess.run(parting)

    def _sums(self, tensors):
        """Sums each tensor over all tasks, with one collective for each dtype."""
        tensors = [tf.convert_to_tensor(tensor) for tensor in tensors]
        sums = {}
        for dtype in dict.fromkeys(tensor.dtype for tensor in tensors):
            alike = [i for i, tensor in enumerate(tensors) if tensor.dtype == dtype]
            total = tf.raw_ops.CollectiveReduce(
                input=tf.concat([tf.reshape(tensors[i], [-1]) for i in alike], 0),
                group_size=len(self._cluster.tasks),
                group_key=1,
                instance_key=next(self._keys),
                merge_op="Add",
                final_op="Id",
                subdiv_offsets=[0],
            )
            sizes = [tensors[i].shape.num_elements() for i in alike]
            for i, part in zip(alike, tf.split(total, sizes), strict=True):
                sums[i] = tf.reshape(part, tensors[i].shape)
        return [sums[i] for i in range(len(tensors))]
