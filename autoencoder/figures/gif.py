"""GIF files: Figures and a path in, a file out."""

import imageio.v3 as iio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from autoencoder.files import replacing

_SECONDS = 0.5  # the post's, a frame
MOST_FRAMES = 60
_MOST_BYTES = 5_000_000  # three of them fit into a report of 25 MB
_PALETTE_FRAMES = 6
# More colours make the files larger and look the same.
_COLOURS, _EXACT = 128, 48


def write(path, draw, states):
    """Writes a GIF that plays endlessly, half a second a frame.

    All frames share one palette, so that no colour flickers.

    Args:
        path: of the file, which stays under 5 MB.
        draw: function that makes a Figure of a state; all are of one size.
        states: list of what draw takes, at least one. Of more than 60, or more than
            fit into the file, an evenly spread part is drawn.

    Returns:
        int, the number of frames.
    """
    frames = [_pixels(draw(state)) for state in evenly(states, MOST_FRAMES)]
    palette = _palette(evenly(frames, _PALETTE_FRAMES))
    frames = [_indices(frame, palette) for frame in frames]
    with replacing(path) as part:
        while True:
            _write_frames(part, frames, palette.tobytes())
            size = part.stat().st_size
            if size < _MOST_BYTES or len(frames) == 1:
                return len(frames)
            frames = evenly(frames, max(1, int(len(frames) * _MOST_BYTES / size) - 1))


def evenly(items, most):
    """Returns at most that many items of a list, evenly spread, with first and last."""
    places = np.linspace(len(items) - 1, 0, min(len(items), most)).round()
    return [items[int(place)] for place in places[::-1]]


def _write_frames(path, frames, colours):
    with iio.imopen(path, "w", plugin="pillow") as file:
        for frame in frames:
            file.write(
                frame, is_batch=False, palette=colours, duration=1000 * _SECONDS, loop=0
            )


def _pixels(figure):
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _palette(frames):
    """Returns colours that fit all of the frames, uint8 [n, 3].

    The most frequent ones stay as they are, so that white and the classes' colours are
    exact; those of smoothed edges are reduced by median cut.
    """
    together = np.concatenate(frames).reshape(-1, 3)
    colours, counts = np.unique(together, axis=0, return_counts=True)
    if len(colours) <= _COLOURS:
        return colours
    frequent = colours[np.argsort(-counts)[:_EXACT]]
    gathered = Image.fromarray(together[None]).quantize(_COLOURS - _EXACT).getpalette()
    return np.concatenate([frequent, np.reshape(gathered, (-1, 3)).astype(np.uint8)])


def _indices(frame, palette):
    """Returns the index of each pixel's nearest colour, uint8 [height, width]."""
    packed = frame.astype(np.int32) @ (1, 1 << 8, 1 << 16)
    packed, places = np.unique(packed, return_inverse=True)
    colours = packed[:, None] >> (0, 8, 16) & 255
    squares = np.square(palette.astype(np.float32)).sum(axis=1)
    distances = squares - 2 * colours.astype(np.float32) @ palette.T.astype(np.float32)
    return distances.argmin(axis=1).astype(np.uint8)[places].reshape(frame.shape[:2])
