import numpy as np

from autoencoder.compat import tf
from autoencoder.data import data_pipe
from autoencoder.experiments import first_images


def test_first_images_are_the_first_of_each_batch(images):
    order = np.random.default_rng(0).permutation(300)
    with tf.Graph().as_default(), tf.Session() as sess:
        pipe = data_pipe((28, 28, 1), 128)
        found = first_images(sess, pipe, images, order)
    expected = images[order[[0, 128, 256]]].astype(np.float32) / 255
    np.testing.assert_array_equal(found, expected)
