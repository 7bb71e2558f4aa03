"""The original's network as TensorFlow 1.15 runs it, for one epoch. Needs Python 3.7.

    python benchmarks/original_tf1.py START.npz RESULT.npz THREADS

step_by_step.py calls it. START has the first weights by their names, images, uint8,
and the noise of each step; RESULT gets the loss of each step and the last weights. The
loss is the original's, with its cross entropy computed from the logits.
"""

import sys

import numpy as np
import tensorflow as tf

BATCH = 128


def encoder(X, epsilon, latent_dim):
    """The original's encoder, with its noise fed."""
    with tf.variable_scope("Encoder"):
        x = tf.layers.conv2d(X, 64, 4, 2, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d(x, 64, 4, 2, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.layers.flatten(x)
        mean = tf.layers.dense(x, latent_dim, name="mean")
        std_dev = tf.nn.softplus(tf.layers.dense(x, latent_dim))
        return mean + epsilon * std_dev, mean, std_dev


def decoder(z):
    """The original's decoder, up to the logits."""
    with tf.variable_scope("Decoder"):
        x = tf.layers.dense(z, 49, activation=tf.nn.relu)
        x = tf.layers.dense(x, 49, activation=tf.nn.relu)
        x = tf.reshape(x, [-1, 7, 7, 1])
        for _ in range(3):
            x = tf.layers.conv2d_transpose(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.contrib.layers.flatten(x)
        x = tf.layers.dense(x, 784)
        return tf.layers.dense(x, 784)


def main(start, result, threads):
    """Trains on the images once, in their order."""
    with np.load(start) as file:
        arrays = dict(file)
    images, noise = arrays.pop("images"), arrays.pop("noise")
    X = tf.placeholder(tf.float32, [None, 28, 28, 1])
    epsilon = tf.placeholder(tf.float32, [None, noise.shape[1]])
    z, mean, std_dev = encoder(X, epsilon, noise.shape[1])
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(
        labels=tf.reshape(X, [-1, 784]), logits=decoder(z)
    )
    variance = tf.square(std_dev)
    kl = 0.5 * tf.reduce_sum(tf.square(mean) + variance - tf.log(variance) - 1, 1)
    loss = tf.reduce_mean(tf.reduce_sum(cross_entropy, 1) + kl)
    train_op = tf.train.AdamOptimizer(0.0005).minimize(loss)
    variables = {variable.op.name: variable for variable in tf.trainable_variables()}
    config = tf.ConfigProto(
        intra_op_parallelism_threads=threads, inter_op_parallelism_threads=threads
    )
    losses = []
    with tf.Session(config=config) as sess:
        sess.run(tf.global_variables_initializer())
        for name, value in arrays.items():
            variables[name].load(value, sess)
        for first in range(0, len(images), BATCH):
            part = slice(first, first + BATCH)
            feed = {X: images[part] / np.float32(255), epsilon: noise[part]}
            losses.append(sess.run([train_op, loss], feed)[1])
        np.savez(result, losses=losses, **sess.run(variables))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
