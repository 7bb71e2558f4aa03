"""Runs one peer in its own process, which obeys commands from a pipe.

A peer is a class Peer(images, weights, *, latent_dim, batch_size, threads, ...) with

    loss(images, epsilon)    of a batch of images in [0, 1], with the weights of now
    held_out_loss(images, epsilon)    optional: the same as evaluation computes it
    train(after_step)        takes steps over all images for ever, each followed by a
                             call of after_step()
    encode(images), decode(codes)    optional; the codes are the means

images are uint8 [n, 28, 28, 1], weights a dict by the program's names for variables.

    python -m benchmarks.worker STARTED SETUP

STARTED is the time at which the process was started, SETUP is JSON. It reads commands
as lines, such as ["loss"] or ["steps", 20], and answers each with a line of JSON.
"""

import importlib
import json
import os
import resource
import sys
import time
import traceback

import numpy as np

_EVALUATED = 500  # images at a time


class Worker:
    """Obeys commands; during training, between two steps."""

    def __init__(self, started, module, arrays, settings):
        self._started = started
        self._latent_dim = settings["latent_dim"]
        self._answers = os.fdopen(os.dup(1), "w")
        os.dup2(2, 1)  # libraries' prints are not answers
        with np.load(arrays) as file:
            self._images = file["images"]
            self._held_out_images = file["held_out"]
            self._batch = file["batch"], file["epsilon"]
            weights = {k: file[k] for k in file.files if "/" in k}
        module = importlib.import_module(f"benchmarks.{module}")
        self._peer = module.Peer(self._images, weights, **settings)
        self._is_training = False
        self._wanted = 0
        self._seconds = []

    def answer(self, value):
        print(json.dumps(value), file=self._answers, flush=True)

    def obey(self):
        """Obeys commands until one asks for steps; exits when the pipe ends."""
        for line in sys.stdin:
            command, *arguments = json.loads(line)
            if command == "steps":
                self._wanted = arguments[0]
                self._seconds = []
                if self._is_training:
                    self._last = time.perf_counter()
                    return
                self._is_training = True
                self._last = time.perf_counter()
                self._peer.train(self._after_step)
            self.answer(getattr(self, f"_{command}")(*arguments))
        os._exit(0)

    def _after_step(self):
        now = time.perf_counter()
        if self._started is not None:
            self._start = time.time() - self._started
            self._started = None
        self._seconds.append(now - self._last)
        self._last = now
        if len(self._seconds) == self._wanted:
            self.answer(self._seconds)
            self.obey()

    def _loss(self):
        began = time.time()
        loss = float(self._peer.loss(*self._batch))
        if self._started is not None:
            self._started += time.time() - began  # not part of the start-up
        return loss

    def _held_out(self):
        """The mean loss of images that are not trained on, as the weights are now."""
        measure = getattr(self._peer, "held_out_loss", self._peer.loss)
        random, losses = np.random.default_rng(0), []
        for begin in range(0, len(self._held_out_images), _EVALUATED):
            images = self._held_out_images[begin : begin + _EVALUATED]
            noise = random.standard_normal((len(images), self._latent_dim), np.float32)
            loss = measure(images / np.float32(255), noise)
            losses.append(float(loss) * len(images))
        return sum(losses) / len(self._held_out_images)

    def _start_up(self):
        return self._start

    def _memory(self):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    def _rates(self):
        return self._peer.rates()

    def _encode(self, count):
        return self._rate(self._peer.encode, self._images[:count])

    def _decode(self, count):
        codes = np.random.default_rng(0).standard_normal(
            (count, self._latent_dim), np.float32
        )
        return self._rate(self._peer.decode, codes)

    def _rate(self, function, inputs):
        began = time.perf_counter()
        function(inputs)
        return len(inputs) / (time.perf_counter() - began)


if __name__ == "__main__":
    try:
        Worker(float(sys.argv[1]), **json.loads(sys.argv[2])).obey()
    except BaseException:
        traceback.print_exc()
    # Python may hang at its end where it closes a session that is still open.
    os._exit(1)
