"""Nearest neighbours by products of matrices. No TensorFlow here.

Products in float32 pick candidates: all references that, in spite of rounding, may be
among the nearest. Only the candidates' distances are computed exactly, in float64. So
the result is the same as if each query were compared with each reference.
"""

import numpy as np

_SCORES = 2**25  # float32 values: 128 MB
_CONVERTED = 2**22  # values of images that are converted at a time


def nearest(queries, references, k=1):
    """Finds the references that are nearest to each query, by Euclidean distance.

    Besides its arguments and its result it takes about 200 MB.

    Args:
        queries: uint8 or float [q, ...].
        references: uint8 or float [r, ...], of the same scale; may be a memory map.
        k: int, from 1 to r.

    Returns:
        indices: int64 [q, k], into references, the nearest first; of equally near ones
            the lower index.
        distances: float64 [q, k].
    """
    queries = queries.reshape(len(queries), -1)
    references = references.reshape(len(references), -1)
    indices = np.empty((len(queries), k), np.int64)
    distances = np.empty((len(queries), k))
    step = max(1, _SCORES // len(references))
    for start in range(0, len(queries), step):
        scores, errors = _scores(queries[start : start + step], references)
        for i, (row, error) in enumerate(zip(scores, errors, strict=True), start):
            kth = np.partition(row, k - 1)[k - 1]
            candidates = np.flatnonzero(row <= kth + 2 * error)
            exact = _distances(queries[i], references, candidates)
            first = np.argsort(exact, kind="stable")[:k]
            indices[i], distances[i] = candidates[first], exact[first]
    return indices, distances


def classify(queries, references, labels, k=1):
    """Gives each query the label of most of its nearest references.

    Args:
        queries: uint8 or float [q, ...].
        references: uint8 or float [r, ...], see nearest.
        labels: integers [r], of the references.
        k: int, from 1 to r, the neighbours that vote.

    Returns:
        integers [q]; of labels that are equally frequent, the nearest reference's.
    """
    votes = labels[nearest(queries, references, k)[0]]
    counts = (votes[:, :, None] == votes[:, None, :]).sum(axis=2)
    return votes[np.arange(len(votes)), counts.argmax(axis=1)]


def _scores(queries, references):
    """Returns |r|^2 - 2 qr, float32 [q, r], and how far each row may be off, [q].

    A row's order is that of the squared distances, which have |q|^2 more.
    """
    queries = queries.astype(np.float32)
    scores = np.empty((len(queries), len(references)), np.float32)
    most = 0.0
    for part in _parts(references, queries.shape[1]):
        images = references[part].astype(np.float32)
        squares = np.square(images).sum(axis=1)
        scores[:, part] = squares - 2 * (queries @ images.T)
        most = max(most, float(squares.max()))
    # A float32 sum of n products is off by n roundings of the factors' lengths at most
    # (Higham 2002, section 3.1); 4 more are those of the other operations.
    roundings = (queries.shape[1] + 4) * np.finfo(np.float32).eps
    longest, lengths = np.sqrt(most), np.linalg.norm(queries, axis=1)
    return scores, roundings * longest * (longest + lengths)


def _distances(query, references, indices):
    """Returns the distances of some references, float64."""
    query = query.astype(np.float64)
    parts = (indices[part] for part in _parts(indices, len(query)))
    squares = [np.square(references[part] - query).sum(axis=1) for part in parts]
    return np.sqrt(np.concatenate(squares))


def _parts(rows, size):
    """Yields slices of rows of that size, with _CONVERTED values at most."""
    step = max(1, _CONVERTED // size)
    return (slice(start, start + step) for start in range(0, len(rows), step))
