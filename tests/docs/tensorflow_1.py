"""The post's constructs in plain TensorFlow 1, for test_upgrade.py: it cannot run."""

import numpy as np
import tensorflow as tf

tf.flags.DEFINE_integer("epochs", 20, "")
tf.flags.DEFINE_integer("batch_size", 128, "")
tf.flags.DEFINE_integer("latent_dim", 2, "")
tf.flags.DEFINE_integer("test_image_number", 5, "")
tf.flags.DEFINE_integer("inputs_decoder", 49, "")
tf.flags.DEFINE_float("learning_rate", 0.0005, "")
tf.flags.DEFINE_string("dataset", "mnist", "")
tf.flags.DEFINE_string("logdir", "./logs", "")
tf.flags.DEFINE_bool("plot_latent", True, "")
FLAGS = tf.flags.FLAGS


def encoder(x):
    with tf.variable_scope("Encoder"):
        x = tf.layers.conv2d(x, 64, 4, 2, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d(x, 64, 4, 2, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.layers.flatten(x)
        mean = tf.layers.dense(x, FLAGS.latent_dim, name="mean")
        deviation = tf.nn.softplus(tf.layers.dense(x, FLAGS.latent_dim))
        epsilon = tf.random_normal(tf.stack([tf.shape(x)[0], FLAGS.latent_dim]))
        return mean + deviation * epsilon, mean, deviation


def decoder(z):
    with tf.variable_scope("Decoder"):
        x = tf.layers.dense(z, FLAGS.inputs_decoder, activation=tf.nn.relu)
        x = tf.layers.dense(x, FLAGS.inputs_decoder, activation=tf.nn.relu)
        x = tf.reshape(x, [-1, 7, 7, 1])
        x = tf.layers.conv2d_transpose(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d_transpose(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.layers.conv2d_transpose(x, 64, 4, 1, "same", activation=tf.nn.relu)
        x = tf.contrib.layers.flatten(x)
        x = tf.layers.dense(x, 784)
        return tf.layers.dense(x, 784, activation=tf.nn.sigmoid)


images = np.load("mnist.npz")["x_train"][..., np.newaxis] / 255.0
data = tf.data.Dataset.from_tensor_slices(images.astype(np.float32))
iterator = data.batch(FLAGS.batch_size).prefetch(2).make_initializable_iterator()
batch = iterator.get_next()
z, mean, deviation = encoder(batch)
output = decoder(z)
flat = tf.reshape(batch, [-1, 784])
image_loss = tf.reduce_sum(flat * -tf.log(output) + (1 - flat) * -tf.log(1 - output), 1)
variance = tf.square(deviation)
kl = tf.reduce_sum(tf.square(mean) + variance - tf.log(variance) - 1, 1) / 2
loss = tf.reduce_mean(image_loss + kl)
step = tf.train.AdamOptimizer(FLAGS.learning_rate).minimize(loss)
tf.summary.scalar("batch_loss", loss)
merged = tf.summary.merge_all()
config = tf.ConfigProto(gpu_options=tf.GPUOptions(allow_growth=True))
with tf.Session(config=config) as sess:
    sess.run(tf.global_variables_initializer())
    writer = tf.summary.FileWriter(FLAGS.logdir, sess.graph)
    for _ in range(FLAGS.epochs):
        sess.run(iterator.initializer)
        while True:
            try:
                writer.add_summary(sess.run([step, merged])[1])
            except tf.errors.OutOfRangeError:
                break
