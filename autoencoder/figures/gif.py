"""GIF files: Figures and a path in, a file out."""

import imageio.v3 as iio
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from autoencoder.files import replacing

_SECONDS = 0.5  # the post's, a frame
MOST_FRAMES = 60
_MOST_BYTES = 5_000_000  # of a file; a report has up to three
_PALETTE_FRAMES = 6
# More colours make the files larger and look the same.
_COLOURS, _EXACT = 128, 48


def write(path, draw, states):
    """Writes a GIF that plays endlessly, half a second a frame.

    All frames share one palette, so that no colour flickers.

    Args:
        path: of the file, which stays under 5 MB.
        draw: function that makes a Figure of a state, or its pixels, uint8 [height,
            width, 3]; all are of one size.
        states: list of what draw takes, at least one. Of more than 60, or more than
            fit into the file, an evenly spread part is drawn.

    Returns:
        int, the number of frames.
    """
    frames = [_pixels(draw(state)) for state in evenly(states, MOST_FRAMES)]
    palette = _palette(evenly(frames, _PALETTE_FRAMES))
    frames = list(_indices(frames, palette))
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


def _pixels(drawn):
    if isinstance(drawn, np.ndarray):
        return drawn
    canvas = FigureCanvasAgg(drawn)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def _palette(frames):
    """Returns colours that fit all of the frames, uint8 [n, 3].

    The most frequent ones stay as they are, so that white and the classes' colours are
    exact; those of smoothed edges are reduced by median cut.
    """
    together = np.concatenate(frames)
    packed, counts = np.unique(_packed(together), return_counts=True)
    if len(packed) <= _COLOURS:
        return _unpacked(packed)
    frequent = _unpacked(packed[np.argsort(-counts)[:_EXACT]])
    gathered = Image.fromarray(together).quantize(_COLOURS - _EXACT).getpalette()
    return np.concatenate([frequent, np.reshape(gathered, (-1, 3)).astype(np.uint8)])


def _indices(frames, palette):
    """Yields the index of each pixel's nearest colour, uint8 [height, width]."""
    known = np.full(1 << 24, -1, np.int16)
    for frame in frames:
        packed = _packed(frame)
        new = np.unique(packed[known[packed] < 0])
        known[new] = _nearest(_unpacked(new), palette)
        yield known[packed].astype(np.uint8)


def _nearest(colours, palette):
    colours, palette = colours.astype(np.float32), palette.astype(np.float32)
    squares = np.square(palette).sum(axis=1)
    return (squares - 2 * colours @ palette.T).argmin(axis=1)


def _packed(pixels):
    return pixels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)


def _unpacked(packed):
    return (packed[:, None] >> (16, 8, 0) & 255).astype(np.uint8)
