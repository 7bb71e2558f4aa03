"""Prints a training step's time by op, beside the least that arithmetic allows.

    python -m benchmarks.profile_step float32      # or bfloat16

Ops run one after the other here, each on all threads, so that their times add up. Each
time is the least of a hundred steps: other load on the machine only adds to it.
"""

import argparse
import collections
import os

import numpy as np

from autoencoder.compat import session_config, tf
from autoencoder.model import build
from benchmarks.arithmetic import layer_products
from benchmarks.products import Peer as Products
from flags import training_flags

_STEPS, _BATCH_SIZE, _LATENT_DIM = 100, 128, 5
_PRODUCTS = ("Conv2D", "MatMul", "Conv2DBackpropInput", "Conv2DBackpropFilter")


def main(precision):
    """Prints the table in Markdown."""
    products = Products(None, None, threads=os.cpu_count(), precisions=[precision])
    rate = max(products.rates()[precision] for _ in range(30))
    products = layer_products(_LATENT_DIM)
    rows, rest = [], collections.Counter()
    for (name, kind), seconds in _seconds(precision).items():
        layer = next((key for key in products if f"{key}/" in name), None)
        is_product = kind.endswith(_PRODUCTS) and not any(
            part in name for part in ("/BiasAdd_grad/", "_grad/patches")
        )
        if layer is None or not is_product:
            rest[kind] += seconds
            continue
        least = 2 * products[layer] * _BATCH_SIZE / rate
        rows.append((seconds, name, least))
    print(f"{precision}, products at {rate / 1e9:.0f} GFLOP/s\n")
    print("| op | ms | least ms |\n|---|---|---|")
    for seconds, name, least in sorted(rows, reverse=True):
        print(f"| {name} | {seconds * 1e3:.2f} | {least * 1e3:.2f} |")
    for kind, seconds in rest.most_common(8):
        print(f"| all {kind} | {seconds * 1e3:.2f} | |")
    print(f"| all others | {sum(v for _, v in rest.most_common()[8:]) * 1e3:.2f} | |")
    total = sum(row[0] for row in rows) + sum(rest.values())
    print(f"| sum | {total * 1e3:.1f} | {sum(row[2] for row in rows) * 1e3:.1f} |")


def _seconds(precision):
    """Returns a dict from an op's name and kind to its least seconds."""
    flags = training_flags(latent_dim=_LATENT_DIM, precision=precision)
    net = build((28, 28, 1), flags)
    config = session_config()
    config.inter_op_parallelism_threads = 1
    config.use_per_session_threads = True  # not those of the products' session
    images = np.random.default_rng(0).random((_BATCH_SIZE, 28, 28, 1), np.float32)
    feed = {net.input_batch: images}
    options = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    times = collections.defaultdict(list)
    with tf.Session(graph=net.graph, config=config) as sess:
        sess.run(net.init_op)
        for _ in range(_STEPS):
            trace = tf.RunMetadata()
            sess.run(net.train_op, feed, options=options, run_metadata=trace)
            for device in trace.step_stats.dev_stats:
                for node in device.node_stats:
                    kind = node.timeline_label.rpartition(" = ")[2].partition("(")[0]
                    spent = node.op_end_rel_micros - node.op_start_rel_micros
                    times[node.node_name, kind].append(spent / 1e6)
    return {key: min(spent) for key, spent in times.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("precision", choices=["float32", "bfloat16"])
    main(parser.parse_args().precision)
