"""The latent explorer: the trained network on the page, and the images for it."""
