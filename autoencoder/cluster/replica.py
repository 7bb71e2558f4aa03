"""Synchronous steps of several tasks: each takes its share of every batch.

Variables lie on the parameter servers (ps). Each replica, chief or worker, pushes the
gradients of its share into accumulators there; a thread of the chief takes their mean
once all have come, lets Adam apply it, and makes a token for each replica, for which
they wait: that is tf.train.SyncReplicasOptimizer, after Chen et al. 2016,
arXiv:1604.00981. Global step and tokens lie with the chief: where it dies, all notice.

Its tokens are in one queue, where one replica can take another's. Here each has a queue
of its own, so that one which dies and comes again finds what is meant for it.
"""

import contextlib
import dataclasses
import math
from typing import NamedTuple

from autoencoder.compat import tf, without_deprecation_warnings
from autoencoder.loss import total_loss

_CHIEF = "/job:chief/task:0"


class Replicas(NamedTuple):
    """Handles of what only a cluster has.

    Attributes:
        batch_size: int, images in a whole batch.
        begin: op that the chief runs before its variables have values.
        training: string scalar, the chief's Cluster.training.
        join: int64 scalar, the global step; run, it takes this task's place at it.
        pushed: int64 scalar, the step that this task, or one before it in its place,
            has pushed gradients for; -1 where it has not.
        chief_init: op that the chief runs once its variables have values.
        queue_runner: the chief's thread that applies gradients and hands out tokens.
        missing: string [n], names of variables without a value yet.
        release: op with which the chief lets the workers go.
        goodbye: op that a worker runs at its end: it waits for the release.
        goodbyes: int32 scalar, how many have.
        end: op with which the chief ends the ps tasks.
    """

    batch_size: int
    begin: tf.Operation
    training: tf.Tensor
    join: tf.Tensor
    pushed: tf.Tensor
    chief_init: tf.Operation
    queue_runner: tf.train.QueueRunner
    missing: tf.Tensor
    release: tf.Operation
    goodbye: tf.Operation
    goodbyes: tf.Tensor
    end: tf.Operation

    def batches(self, images):
        """Returns the number of steps that an epoch of so many images has."""
        return math.ceil(images / self.batch_size)


def placed(cluster):
    """A context in which variables are put on ps, and ops on this task; None: as is."""
    if cluster is None:
        return contextlib.nullcontext()
    return tf.device(
        tf.train.replica_device_setter(
            worker_device=cluster.device, cluster=tf.train.ClusterSpec(cluster.spec)
        )
    )


def on_chief(cluster):
    """A context in which all is put on the chief of a cluster; None: as is."""
    return contextlib.nullcontext() if cluster is None else tf.device(_CHIEF)


def together(optimizer, trained, part, global_step, *, kl_weight, batch_size, cluster):
    """Builds the step that all replicas take together.

    Args:
        optimizer: tf.train.Optimizer.
        trained: Network, of this task's part of the batch.
        part: data.Part.
        global_step: variable, on the chief.
        kl_weight: float.
        batch_size: int.
        cluster: Cluster.

    Returns:
        train_op: int64 scalar, the step at which this task is once it has run.
        trained: Network, whose losses are the whole batch's, after train_op.
        replicas: Replicas.
    """
    # What is minimized is the sum of all parts' shares in the batch's mean. An empty
    # part has the share 0, and pushes gradients of 0: without it all would wait.
    own = part.end - part.begin
    trained = dataclasses.replace(
        trained, img_loss=trained.img_loss[:own], latent_loss=trained.latent_loss[:own]
    )
    losses = trained.img_loss + kl_weight * trained.latent_loss
    share = tf.reduce_sum(losses) / tf.cast(part.whole, tf.float32)
    count = cluster.replicas
    with without_deprecation_warnings():
        optimizer = tf.train.SyncReplicasOptimizer(optimizer, count, count)
    pairs = optimizer.compute_gradients(share * count)  # their mean is taken
    board = _board(batch_size)
    with tf.control_dependencies([_write(board, trained, part)]):
        pairs = [(tf.identity(gradient), variable) for gradient, variable in pairs]
    with without_deprecation_warnings():
        optimizer.apply_gradients(pairs, global_step)

    pushed = _variable_of_chief("pushed", tf.fill([count], tf.constant(-1, tf.int64)))
    with tf.control_dependencies(_pushes()), tf.device(_CHIEF):
        push = tf.scatter_nd_update(pushed, [[cluster.share]], [part.step])
    queues = [_queue_of_chief(f"tokens_{share}", tf.int64) for share in range(count)]
    with tf.control_dependencies([push]):
        token = _token(queues[cluster.share], part)
    local_step = optimizer.local_step_init_op.op.inputs[0]
    train_op = tf.assign(local_step, token)
    with tf.control_dependencies([train_op]):
        img_loss, latent_loss = _read(board, part)
    trained = dataclasses.replace(
        trained,
        img_loss=img_loss,
        latent_loss=latent_loss,
        loss=total_loss(img_loss, latent_loss, kl_weight),
    )
    handles = _handles(optimizer, board, pushed, queues, cluster)
    return train_op, trained, handles


def _token(own, part):
    """Waits for this replica's token, the number of the step that comes next.

    A replica that died after its push has left one in its queue. By its number it is of
    a step that is done, and the next is the right one.
    """
    with tf.device(_CHIEF):
        return tf.while_loop(
            lambda token: token <= part.step,
            lambda token: own.dequeue(),
            [own.dequeue()],
        )


def _pushes():
    """Returns the ops with which this task's gradients go into the accumulators."""
    operations = tf.get_default_graph().get_operations()
    return [op for op in operations if op.type.endswith("AccumulatorApplyGradient")]


def _board(batch_size):
    """A variable with the chief, where all write their losses: [2, batch, 2].

    It has two rows, for even and odd steps: a replica that already is at the next step,
    and none can be further ahead, leaves the row of this one alone.
    """
    return _variable_of_chief("losses_of_batch", tf.zeros([2, batch_size, 2]))


def _row(part):
    return tf.cast(part.step % 2, tf.int32)


def _write(board, trained, part):
    columns = tf.range(part.begin, part.end)
    places = tf.stack([tf.fill(tf.shape(columns), _row(part)), columns], axis=1)
    losses = tf.stack([trained.img_loss, trained.latent_loss], axis=1)
    with tf.device(_CHIEF):
        return tf.scatter_nd_update(board, places, losses)


def _read(board, part):
    with tf.device(_CHIEF):
        losses = board.read_value()[_row(part), : part.whole]
    return losses[:, 0], losses[:, 1]


def _handles(optimizer, board, pushed, queues, cluster):
    goodbyes = _queue_of_chief("goodbyes", tf.bool)
    released = _queue_of_chief("released", tf.bool)
    training = _variable_of_chief("training", cluster.training)
    workers = cluster.replicas - 1
    with tf.device(_CHIEF):
        release = released.enqueue_many([tf.fill([workers], True)])
        goodbye = goodbyes.enqueue(released.dequeue())
        goodbyes_said = goodbyes.size()
        own_pushed = pushed.read_value()[cluster.share]
    # Where the chief leaves it to the workers to run it, TensorFlow warns of that.
    missing = optimizer.ready_for_local_init_op
    missing.mark_used()
    ends = [end_queue(index).enqueue(True) for index in range(len(cluster.spec["ps"]))]
    begin = [variable.initializer for variable in (board, pushed, training)]
    return Replicas(
        batch_size=int(board.shape[1]),
        begin=tf.group(*begin),
        training=training.read_value(),
        join=optimizer.local_step_init_op,
        pushed=own_pushed,
        chief_init=optimizer.chief_init_op,
        queue_runner=_queue_runner(optimizer, queues),
        missing=missing,
        release=release,
        goodbye=goodbye,
        goodbyes=goodbyes_said,
        end=tf.group(*ends),
    )


def _queue_runner(optimizer, queues):
    """The optimizer's thread, which then hands its tokens out to the replicas."""
    theirs = optimizer.get_chief_queue_runner()
    (step_and_tokens,) = theirs.enqueue_ops
    with tf.device(_CHIEF):
        with tf.control_dependencies([step_and_tokens]):
            tokens = theirs.queue.dequeue_many(len(queues))
        hand_out = tf.group(
            *(queue.enqueue(tokens[i]) for i, queue in enumerate(queues))
        )
        closes = [queue.close(cancel_pending_enqueues=True) for queue in queues]
    with without_deprecation_warnings():
        return tf.train.QueueRunner(
            queues[0], [hand_out], tf.group(*closes), tf.group(*closes)
        )


def end_queue(index):
    """The queue on a ps that is filled when training has ended.

    It is in a container of its own, which is not emptied when a chief begins anew.
    """
    with tf.device(f"/job:ps/task:{index}"), tf.container("end"):
        return _queue("end", tf.bool)


def _queue_of_chief(name, dtype):
    with tf.device(_CHIEF):
        return _queue(name, dtype)


def _queue(name, dtype):
    return tf.FIFOQueue(-1, dtype, shapes=(), name=name, shared_name=name)


def _variable_of_chief(name, value):
    with tf.device(_CHIEF):
        return tf.get_variable(
            name,
            initializer=value,
            trainable=False,
            use_resource=True,  # a read happens when it is asked for, not before
            collections=[tf.GraphKeys.LOCAL_VARIABLES],  # not for checkpoints
        )
