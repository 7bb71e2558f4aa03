"""What the tasks of a cluster wait for when they come together, and when they part."""

import time

from autoencoder.cluster.tf_config import SILENT, say, wait_for

_LAST_WORDS = 60  # seconds that the chief waits for workers at the end


def for_values(sess, net, cluster):
    """Waits, as a worker, until the chief's variables have values."""
    said = _Once(f"waiting for {cluster.tasks('chief')[0]}, which has not begun yet")
    while len(sess.run(net.replicas.missing)):
        said.after_a_while()
        wait_for(cluster.tasks("ps", "chief"))
        time.sleep(0.2)


def for_place(sess, net):
    """Waits for the end of a step to which one in this task's place has pushed."""
    said = _Once("waiting for the end of a step that this task has its share in")
    while sess.run(net.replicas.pushed) >= sess.run(net.replicas.join):
        said.after_a_while()
        time.sleep(0.05)


def for_goodbyes(sess, net, cluster):
    """Waits, as the chief, until the workers have ended, a minute at most."""
    workers = cluster.tasks("worker")
    said = _Once("waiting for workers that have not ended yet, a minute at most")
    while sess.run(net.replicas.goodbyes) < len(workers) and said.waited < _LAST_WORDS:
        said.after_a_while()
        time.sleep(0.1)


class _Once:
    """Says something once, if it is still to be said after some seconds."""

    def __init__(self, text):
        self._text = text
        self._began = time.monotonic()

    @property
    def waited(self):
        return time.monotonic() - self._began

    def after_a_while(self):
        if self._text and self.waited > SILENT:
            say(self._text)
            self._text = None
