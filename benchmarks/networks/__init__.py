"""Other programs' networks, on this program's layers, losses and training loop.

A network is a module with

    encoder(X, latent_dim, is_training)         images to mean and log-variance of z
    decoder(z, image_shape, is_training)        codes to logits

is_training picks what batch norm uses: the batch's moments or the moving averages.
"""
