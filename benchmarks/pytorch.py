"""PyTorch, eager or compiled, in float32 or bfloat16, with or without channels last."""

import contextlib

import torch
from torch import nn
from torch.nn import functional as F


class Peer:
    """See worker.py for what a peer is."""

    def __init__(
        self,
        images,
        weights,
        *,
        threads,
        precision="float32",
        channels_last=True,
        compiled=False,
        **settings,
    ):
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        self._images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        self._batch_size = settings["batch_size"]
        self._latent_dim = settings["latent_dim"]
        self._net = _Autoencoder(self._latent_dim)
        self._net.load(weights)
        if channels_last:
            self._net.to(memory_format=torch.channels_last)
        self._optimizer = torch.optim.Adam(self._net.parameters(), 5e-4, fused=True)
        self._losses = torch.compile(self._net) if compiled else self._net
        self._precision = contextlib.nullcontext
        if precision == "bfloat16":
            self._precision = lambda: torch.autocast("cpu", torch.bfloat16)

    def loss(self, images, epsilon):
        images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        with self._precision():  # with gradients, as compiled for training
            return self._losses(images, torch.from_numpy(epsilon)).item()

    def held_out_loss(self, images, epsilon):
        images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        with torch.inference_mode():
            return self._net(images, torch.from_numpy(epsilon)).item()

    def train(self, after_step):
        while True:
            for batch in self._images.split(self._batch_size):
                images = batch.float().div_(255)
                with self._precision():
                    epsilon = torch.randn(len(batch), self._latent_dim)
                    loss = self._losses(images, epsilon)
                self._optimizer.zero_grad(set_to_none=True)
                loss.backward()
                self._optimizer.step()
                loss.item()
                after_step()

    def encode(self, images):
        images = torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
        with torch.inference_mode(), self._precision():
            return torch.cat(
                [
                    self._net.encode(batch.float().div_(255))[0].float()
                    for batch in images.split(self._batch_size)
                ]
            ).numpy()

    def decode(self, codes):
        with torch.inference_mode(), self._precision():
            return torch.cat(
                [
                    self._net.decode(batch).float().sigmoid()
                    for batch in torch.from_numpy(codes).split(self._batch_size)
                ]
            ).numpy()


class _Autoencoder(nn.Module):
    def __init__(self, latent_dim):
        super().__init__()
        self.conv2d = nn.Conv2d(1, 64, 4, 2, padding=1)
        self.conv2d_1 = nn.Conv2d(64, 64, 4, 2, padding=1)
        self.conv2d_2 = nn.Conv2d(64, 64, 4, 1)
        self.mean = nn.Linear(3136, latent_dim)
        self.std_dev = nn.Linear(3136, latent_dim)
        self.dense = nn.Linear(latent_dim, 49)
        self.dense_1 = nn.Linear(49, 49)
        # With stride 1 a transposed convolution is one with its kernel reversed;
        # PyTorch's own would compute 8x8 places, of which 7x7 are kept.
        self.conv2d_transpose = nn.Conv2d(1, 64, 4, 1)
        self.conv2d_transpose_1 = nn.Conv2d(64, 64, 4, 1)
        self.conv2d_transpose_2 = nn.Conv2d(64, 64, 4, 1)
        self.dense_2 = nn.Linear(3136, 784)
        self.dense_3 = nn.Linear(784, 784)

    def load(self, weights):
        """Copies kernels [h, w, in, out] and [in, out], here [out, in, h, w]."""
        axes = {4: (3, 2, 0, 1), 2: (1, 0), 1: (0,)}
        with torch.no_grad():
            for name, value in weights.items():
                scope, layer, part = name.split("/")
                if (scope, layer) == ("Encoder", "dense"):
                    layer = "std_dev"
                value = value.transpose(axes[value.ndim])
                if layer.startswith("conv2d_transpose") and value.ndim == 4:
                    value = value.swapaxes(0, 1)[:, :, ::-1, ::-1]
                value = torch.from_numpy(value.copy())
                parameter = "weight" if part == "kernel" else "bias"
                getattr(getattr(self, layer), parameter).copy_(value)

    def encode(self, images):
        x = F.relu(self.conv2d(images))
        x = F.relu(self.conv2d_1(x))
        x = F.relu(self.conv2d_2(F.pad(x, (1, 2, 1, 2))))
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.mean(x), F.softplus(self.std_dev(x).float())

    def decode(self, z):
        x = F.relu(self.dense_1(F.relu(self.dense(z))))
        x = x.reshape(-1, 1, 7, 7)
        transposed = (
            self.conv2d_transpose,
            self.conv2d_transpose_1,
            self.conv2d_transpose_2,
        )
        for layer in transposed:
            x = F.relu(layer(F.pad(x, (2, 1, 2, 1))))
        x = x.permute(0, 2, 3, 1).flatten(1)
        return self.dense_3(self.dense_2(x))

    def forward(self, images, epsilon):
        mean, std_dev = self.encode(images)
        mean = mean.float()
        logits = self.decode(mean + epsilon * std_dev).float()
        img_loss = F.binary_cross_entropy_with_logits(
            logits, images.flatten(1), reduction="none"
        ).sum(1)
        log_std_dev = std_dev.clamp(min=1e-30).log()
        kl = 0.5 * (mean.square() + std_dev.square() - 2 * log_std_dev - 1).sum(1)
        return (img_loss + kl).mean()
