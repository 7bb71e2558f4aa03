"""The blog post "VAEs! Generating images with Tensorflow", on today's TensorFlow."""
