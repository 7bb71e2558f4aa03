"""What a worker of a cluster does: its share of each step. It writes no run folder."""

import time

from autoencoder import run, session, training
from autoencoder.cluster.tf_config import say
from autoencoder.errors import UserError

_MOST_LOSSES = 100  # of the chief: an error of this task's own would repeat itself


def work(dataset, flags, cluster):
    """Takes this worker's share of each step, to the end of the training.

    Where the chief was lost, it waits for its return.

    Args:
        dataset: Dataset, the chief's.
        flags: the chief's.
        cluster: Cluster.

    Raises:
        UserError: a loss was not finite, or a task was lost for good.
    """
    session.use_threads(flags.threads)
    server = session.start_server(cluster, flags.threads)
    net = run.build(dataset, flags, cluster)
    say(f"{cluster.me} takes its share of the training, of {cluster.replicas}")
    losses = 0
    while True:
        try:
            with session.worker_session(net, cluster, server, flags.threads) as sess:
                step = int(sess.run(net.replicas.join))
                training.train(
                    *(sess, net, dataset.x_train),
                    **{"epochs": flags.epochs, "seed": flags.seed},
                    shuffle=flags.shuffle,
                    after_first_batch=lambda step: None,
                    after_step=lambda step: None,
                    after_epoch=lambda epoch: None,
                    first_epoch=1 + step // net.replicas.batches(len(dataset.x_train)),
                )
                sess.run(net.replicas.goodbye)
            return
        except session.LOST as error:
            reason = error.message.partition("\n")[0]
            if losses == _MOST_LOSSES:
                raise UserError(
                    f"the chief was lost {losses} times: {reason}"
                ) from None
            losses += 1
            say(f"the chief was lost ({reason}): this worker waits for its return")
            time.sleep(1)
