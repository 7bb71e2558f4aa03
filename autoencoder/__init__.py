"""The blog post "VAEs! Generating images with Tensorflow", on today's TensorFlow."""

__version__ = "1.2.6"
