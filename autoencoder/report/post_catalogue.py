"""The post's figures in its order, and where it shows each."""

from typing import NamedTuple

POST = "https://miguel-mendez-ai.com/2019/01/24/vae-tensorflow"
_IMAGES = "https://cdn-images-1.medium.com/max/"

LEARNING = "1. Are our networks learning?"
LATENT = "2. How does our latent space look?"
SAMPLES = "3. Generating samples"


class Shown(NamedTuple):
    """A figure of ours, and the post's.

    Attributes:
        name: str, of our file, with {latent} and {samples} for epochs.
        title: str.
        caption: str, what to see in it.
        post_file: str, of the post's figure in --blog_figures, or None if it has none.
        post_address: str, the URL at which the post shows it, or None.
    """

    name: str
    title: str
    caption: str
    post_file: str | None = None
    post_address: str | None = None


_EPOCH_1 = (
    "Five training images and their reconstructions, with five latent "
    "dimensions. Epoch 1 is the state after one step, hence noise; Epoch 2 that after "
    "one epoch and a step, and so on. "
)
_PARTING = (
    "The test images, each in the colour of its class, after the first step of each of "
    "{latent} epochs. It begins as a round blob around 0, then the classes part. "
)
_TURNED = "The places of the clusters differ from run to run: they turn and swap."
_UPSIDE = (
    "14x14 points of the plane, decoded at the end of each of {samples} epochs. The "
    "first row is y = -3, so that this is upside down against the latent space. "
)
_SAME = (
    "The post describes this comparison and shows its halves separately. Here both "
    "are drawn from the same state, at the end of each of {samples} epochs, and the "
    "same way up: the framed square on the left is decoded on the right."
)

FIGURES = {
    LEARNING: [
        Shown(
            "mnist-reconstructions.png",
            "Image recovering vs epoch number, MNIST",
            _EPOCH_1 + "In the post 6, 3 and 4 look like a 9 early on.",
            "mnist.png",
            _IMAGES + "2000/1*e8znvwIOgqXpejItbLIx4A.png",
        ),
        Shown(
            "fashion-mnist-reconstructions.png",
            "Image recovering vs epoch number, Fashion-MNIST",
            _EPOCH_1 + "In the post the bag is a boot at first.",
            "fashion_mnist.png",
            _IMAGES + "2000/1*RMzRYaDD1sBTWSW1f9zaYg.png",
        ),
    ],
    LATENT: [
        Shown(
            "mnist-latent-{latent}.gif",
            "MNIST latent space evolution during {latent} epochs",
            _PARTING
            + "0 and 1 part first; 3, 5 and 8 go on sharing a place. "
            + _TURNED,
            "mnist_evol_20_epochs.gif",
            _IMAGES + "2000/1*43HzYOZqJ_psdJkKMIgDqw.gif",
        ),
        Shown(
            "fashion-mnist-latent-{latent}.gif",
            "Fashion-MNIST latent space evolution during {latent} epochs",
            _PARTING + "Shirts, pullovers and coats are close together, and so are "
            "shoes. In the post the names are at the edges of the colours, here in the "
            "middle. " + _TURNED,
            "fashion_mnist_evol_20_epochs.gif",
            _IMAGES + "2000/1*E_2Opsz0ntqv-sN9q4jLjQ.gif",
        ),
        Shown(
            "latent-without-kl.png",
            "Latent space without KL regularization",
            "The test images at the end of {latent} epochs. Look at the axes: nothing "
            "keeps the codes near 0.",
            "latent-wt-kl.png",
            _IMAGES + "2000/1*R6qo_u2u8zAZIwr3e9cgtw.png",
        ),
        Shown(
            "latent-with-kl.png",
            "Latent space with KL regularization",
            "The same with KL: the codes are dense around 0.",
            "latent-with-kl.png",
            _IMAGES + "2000/1*26o7FlZBf4rTGrSZ0FGHKQ.png",
        ),
        Shown(
            "without-and-with-kl.png",
            "Without and with KL, on equal axes",
            "Above, both latent spaces on the same axes, with the standard deviations "
            "of each direction. Below, the frame (from 0.5% to 99.5% of the codes in "
            "each direction), decoded cell by cell. Cells that hold no test image are "
            "the holes that the post describes: no training image taught the decoder "
            "what to draw there.",
        ),
    ],
    SAMPLES: [
        Shown(
            "grid.png",
            "Two dimensional grid of points",
            "The 14x14 points whose decoded images the next figures show.",
            "grid.png",
            _IMAGES + "3722/1*YbXSWp38bADTmyR7rLRybg.png",
        ),
        Shown(
            "mnist-space-{samples}.gif",
            "Grid of generated images, MNIST",
            _UPSIDE + "Ideally all digits are there.",
            "mnist_evolution.gif",
            _IMAGES + "2000/1*dS1wAqJFmB_ESAJ6QasBnw.gif",
        ),
        Shown(
            "mnist-latent-{samples}.gif",
            "Latent space distribution, MNIST",
            "The test images after the first step of each of {samples} epochs; the "
            "axes are scaled anew in every frame.",
            "mnist_latent_evolution.gif",
            _IMAGES + "2000/1*GyWuuCIj8wNqObfYz3-ViQ.gif",
        ),
        Shown(
            "mnist-latent-and-space-{samples}.gif",
            "Latent space and generated images, MNIST",
            _SAME,
        ),
        Shown(
            "fashion-mnist-space-{samples}.gif",
            "Grid of generated images, Fashion-MNIST",
            _UPSIDE + "Similar garments are side by side.",
            "fashion_mnist_evolution.gif",
            _IMAGES + "2000/1*E0QWlZlIls2JTQDpR5XTyw.gif",
        ),
        Shown(
            "fashion-mnist-latent-{samples}.gif",
            "Latent space distribution, Fashion-MNIST",
            "As above. The post's GIF has a 51st frame.",
            "fashion_mnist_latent_evolution.gif",
            _IMAGES + "2000/1*Bh2JAS-FoLGNcwuVTsQxIw.gif",
        ),
        Shown(
            "fashion-mnist-latent-and-space-{samples}.gif",
            "Latent space and generated images, Fashion-MNIST",
            _SAME,
        ),
        Shown(
            "fake-images.png",
            "Fake images generated using mesh grid points",
            "The last frame of the grid, after {samples} epochs of Fashion-MNIST. None "
            "of these garments exists.",
            "fake_images_using_grid.png",
            _IMAGES + "2000/1*j-pxK39k7TLYx7n5h_mKdQ.png",
        ),
        Shown(
            "interpolation.png",
            "From a sandal to a sneaker to a boot",
            "The post's closing remark, as a figure: the codes of three test images, "
            "and the images decoded along the straight lines between them.",
        ),
    ],
}
