# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The post, listing by listing
#
# *For people who read the post in Colab or Jupyter, and want to run its code.*
#
# The post [VAEs! Generating images with
# Tensorflow](https://miguel-mendez-ai.com/2019/01/24/vae-tensorflow) has five listings,
# for TensorFlow 1. Here they are in its order, run by this program's own functions on
# TensorFlow 2.21. The network has the post's two-dimensional latent space (z = 2) and
# is trained on the first 10,000 images of MNIST. The whole takes about two minutes on
# two cores.
#
# **In Colab**, write the address of this repository into the next cell: it then does
#
#     git clone <this repository>
#     pip install -r requirements.txt
#
# If Colab asks to restart the runtime after that, do so, and run the cells from the
# first one. In a copy of the repository, with requirements.txt installed, the cell only
# looks for the program.

# %%
import subprocess
import sys
from pathlib import Path

REPOSITORY = "<this repository>"

here = Path.cwd()
places = [here, here.parent, here / "vae"]
if not any((place / "autoencoder").is_dir() for place in places):
    subprocess.run(["git", "clone", REPOSITORY, "vae"], check=True)
    install = [sys.executable, "-m", "pip", "install", "-r", "vae/requirements.txt"]
    subprocess.run(install, check=True)
folder = next(place for place in places if (place / "autoencoder").is_dir())
sys.path.insert(0, str(folder))

# %% [markdown]
# `tf` is TensorFlow 1's interface, with graphs and sessions, which is still part of
# TensorFlow 2. [compat.py](../autoencoder/compat.py) switches it on, and has what
# version 2 took away. The flags have the post's names. The post takes batches of 128
# images and a learning rate of 0.0005, for 20 epochs; 10,000 images in six epochs need
# smaller batches and larger steps.

# %%
# %matplotlib inline
# %config InlineBackend.print_figure_kwargs = {"dpi": 72}
import inspect

import numpy as np

from autoencoder.compat import tf
from autoencoder.datasets.load import load_dataset
from flags import training_flags

settings = {"dataset": "mnist", "latent_dim": 2, "epochs": 6}
settings |= {"batch_size": 32, "learning_rate": 0.001}
flags = training_flags(**settings)
dataset = load_dataset(flags)
images = dataset.x_train[:10_000]
test_images, test_labels = dataset.x_test[:2_000], dataset.y_test[:2_000]
images.shape, images.dtype, images.max()

# %% [markdown]
# ## 1. Get the data
#
# In the post: a tf.data pipeline that divides the images by 255, puts them into
# batches, and has an initializable iterator. Here: `DataPipe` in
# [data.py](../autoencoder/data.py). The post puts all images into the graph, as a
# constant; here they stay a NumPy array, and the graph is fed their order.
#
# Graph mode surprises twice. Each `sess.run` that needs a batch draws a new one. After
# the last batch it raises `OutOfRangeError`, which ends an epoch.
#
# The post tries its pipeline by drawing the first image of each batch.

# %%
from autoencoder.data import DataPipe
from autoencoder.figures import post
from autoencoder.pixels import sheet
from autoencoder.session import open_session

with tf.Graph().as_default() as graph:
    pipe = DataPipe(dataset.image_shape, flags.batch_size)

first = []
with open_session(graph) as sess:
    pipe.start(sess, images, np.arange(len(images)))
    while True:
        try:
            first.append(sess.run(pipe.input_batch)[0])
        except tf.errors.OutOfRangeError:
            break
print(f"{len(first)} batches")
post.image(sheet(np.stack(first), columns=40))

# %% [markdown]
# ## 2. Encoder
#
# In the post: three convolutions and two dense layers, which give the mean and the
# standard deviation of an image's code. The code itself is
# z = mean + epsilon * std_dev: the reparametrization trick. Here:
# [encoder.py](../autoencoder/encoder.py).

# %%
from autoencoder.encoder import encoder

print(inspect.getsource(encoder))

# %%
with tf.Graph().as_default() as graph:
    X = tf.placeholder(tf.float32, [None, *dataset.image_shape], name="X")
    z, mean_, std_dev = encoder(X, flags=flags)
for tensor in (X, z, mean_, std_dev):
    print(tensor.name, tensor.shape)

# %% [markdown]
# ## 3. Decoder
#
# In the post: from a code back to an image. Here:
# [decoder.py](../autoencoder/decoder.py). The post's text says that the transposed
# convolutions upsample. In its code they have stride 1, and two dense layers do the
# rest: that is the default here. `--decoder upsampling` is the decoder of the text.

# %%
from autoencoder import decoder

print(inspect.getsource(decoder))

# %%
with graph.as_default():
    output, logits = decoder.decoder(z, dataset.image_shape, flags)
    variables = tf.trainable_variables()
for tensor in (output, logits, *variables):
    print(tensor.name, tensor.shape)

# %% [markdown]
# ## 4. Cost function, and linking it
#
# In the post: the image loss, which is the cross entropy of the pixels, plus the latent
# loss, which is the KL divergence between the code's distribution and N(0, 1); then the
# lines that link DataPipe, encoder, decoder and cost function, and Adam. Here:
# [loss.py](../autoencoder/loss.py), and `build` in [model.py](../autoencoder/model.py).
#
# The post computes the cross entropy from the decoder's output, which becomes NaN when
# a sigmoid saturates. Here the same number is computed from the logits.

# %%
from autoencoder import loss

print(inspect.getsource(loss.image_loss))
print(inspect.getsource(loss.latent_terms))

# %%
from autoencoder.model import build, link, parameter_count

print(inspect.getsource(link))
model = build(dataset.image_shape, flags)
print(f"{parameter_count(model):,} weights")

# %% [markdown]
# Losses are in nats per image. An untrained decoder gives each of the 784 pixels a
# probability near one half, which costs 784 log 2 = 543.4 nats.

# %%
sess = tf.Session(graph=model.graph)
sess.run(model.init_op)
img_loss, latent_loss = sess.run(
    [model.img_loss, model.latent_loss], model.feed(test_images)
)
print(f"image loss {img_loss.mean():.1f}, KL {latent_loss.mean():.2f}")

# %% [markdown]
# ## 5. The training loop, and the experiments
#
# In the post: for each epoch, start the iterator and take steps until OutOfRangeError;
# after the first batch of each epoch, draw pictures. Here: `train` in
# [training.py](../autoencoder/training.py). It calls an object at those moments. A run
# on the command line writes its folder then; this notebook keeps arrays.

# %%
from autoencoder import experiments, training
from autoencoder.randomness import generator

print(inspect.getsource(training.train))

# %%
shown = images[128:133]  # those that the post shows


class Notes(training.Moments):
    """Keeps the reconstructions of five images, and prints the losses."""

    def __init__(self, sess, model):
        self.sess, self.model, self.outputs = sess, model, []

    def after_first_batch(self, step):
        """When the post draws its pictures."""
        self.outputs.append(self.sess.run(self.model.output, self.model.feed(shown)))

    def after_epoch(self, epoch):
        """Losses on images that are not trained on."""
        losses = [self.model.img_loss, self.model.latent_loss]
        img_loss, latent_loss = self.sess.run(losses, self.model.feed(test_images))
        print(
            f"epoch {epoch.number}: train loss {epoch.train_loss:.1f}, held-out "
            f"image loss {img_loss.mean():.1f}, KL {latent_loss.mean():.2f}"
        )


notes = Notes(sess, model)
training.train(sess, model, images, flags, notes)

# %% [markdown]
# **Are our networks learning?** Each column is the network after the first step of an
# epoch, so "Epoch 1" is noise, as in the post. Two dimensions are few for ten digits:
# the post's figure has five.

# %%
from autoencoder.figures import side_by_side

epochs = [1, 2, 3, 4, 6]
side_by_side.reconstructions_over_epochs(
    shown / 255,
    [notes.outputs[epoch - 1] for epoch in epochs],
    [f"Epoch {epoch}" for epoch in epochs],
)

# %% [markdown]
# **How does our latent space look?** Each test image is a point, in the colour of its
# digit. The functions that encode and decode are in
# [experiments.py](../autoencoder/experiments.py).

# %%
noise = generator("latent space", flags.seed)
codes = experiments.sample_codes(sess, model, test_images, noise, flags.batch_size)
post.latent_space(codes, test_labels)

# %% [markdown]
# **Without KL**, the codes are free to spread, and nothing keeps them near N(0, 1).
# Below each latent space is what its framed part decodes to.

# %%
without_kl = training_flags(**settings, kl_weight=0.0)
free_model = build(dataset.image_shape, without_kl)
free_sess = tf.Session(graph=free_model.graph)
free_sess.run(free_model.init_op)
training.train(free_sess, free_model, images, without_kl, Notes(free_sess, free_model))

# %%
planes = []
for some_sess, some_model in ((free_sess, free_model), (sess, model)):
    noise = generator("latent space", flags.seed)
    some_codes = experiments.sample_codes(
        some_sess, some_model, test_images, noise, flags.batch_size
    )
    frame = experiments.frame(some_codes)
    grid = experiments.decoded_plane(some_sess, some_model, frame.x, frame.y[::-1])
    planes.append((some_codes, test_labels, frame, grid))
side_by_side.without_and_with_kl(planes, ["Without KL", "With KL"])

# %% [markdown]
# **Generating samples**: the post's grid of 14x14 points from -3 to 3.5, and what the
# network decodes there. The first row is y = -3, as in the post.

# %%
post.space(experiments.decoded_grid(sess, model))

# %% [markdown]
# ## The real thing
#
#     python main.py --dataset mnist --latent_dim 2
#
# trains on all 60,000 images for 20 epochs, in about 11 minutes on two cores, and
# writes a folder with all pictures, a page and TensorBoard's events.
# `python main.py reproduce` makes every figure of the post: [figures.md](figures.md)
# shows them, with what agrees and what differs. [commands.md](commands.md) is about
# what else a trained run can do.
