"""Arrays in, a picture out; no session, no TensorFlow."""
