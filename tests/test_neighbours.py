import tracemalloc

import numpy as np
import pytest

from autoencoder import neighbours
from autoencoder.neighbours import classify, nearest


def oracle(queries, references, k):
    """Each distance by itself in float64; a stable sort keeps the order of ties."""
    queries = queries.reshape(len(queries), -1).astype(np.float64)
    references = references.reshape(len(references), -1).astype(np.float64)
    distances = np.array([np.linalg.norm(references - q, axis=1) for q in queries])
    indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return indices, np.take_along_axis(distances, indices, axis=1)


@pytest.mark.parametrize("k", [1, 3, 260])
def test_nearest_against_every_distance(mnist, k):
    queries, references = mnist["x_test"][:40], mnist["x_train"][:260]
    indices, distances = nearest(queries, references, k)
    expected_indices, expected = oracle(queries, references, k)
    np.testing.assert_array_equal(indices, expected_indices)
    np.testing.assert_allclose(distances, expected, rtol=1e-12)


@pytest.mark.parametrize("scores", [1, 600, 2**25])
@pytest.mark.parametrize("converted", [1, 7 * 20, 2**22])
def test_the_size_of_blocks_changes_nothing(monkeypatch, scores, converted):
    monkeypatch.setattr(neighbours, "_SCORES", scores)
    monkeypatch.setattr(neighbours, "_CONVERTED", converted)
    random = np.random.default_rng(0)
    queries = random.random((11, 4, 5), np.float32)
    references = random.random((53, 4, 5), np.float32)
    np.testing.assert_array_equal(
        nearest(queries, references, 4)[0], oracle(queries, references, 4)[0]
    )


def test_equally_near_ones_are_in_order():
    images = np.zeros((9, 2), np.uint8)
    images[[2, 5]] = 200
    indices, distances = nearest(images[:3], images, 4)
    assert indices.tolist() == [[0, 1, 3, 4], [0, 1, 3, 4], [2, 5, 0, 1]]
    assert distances[0].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(distances[2], [0, 0, 200 * 2**0.5, 200 * 2**0.5])


@pytest.mark.parametrize("k", [1, 5])
def test_order_that_products_in_float32_cannot_see(k):
    """All squared lengths are near 4e9, and no squared distance is above 1."""
    random = np.random.default_rng(0)
    references = random.normal(size=(20, 1000))
    wanted = random.permutation(20) / 20
    references *= (wanted / np.linalg.norm(references, axis=1))[:, None]
    queries = np.full((1, 1000), 2000.0)
    indices, distances = nearest(queries, queries + references, k)
    assert indices.tolist() == [np.argsort(wanted)[:k].tolist()]
    np.testing.assert_allclose(distances, [np.sort(wanted)[:k]], atol=1e-9)


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(neighbours, "_SCORES", 100_000)
    monkeypatch.setattr(neighbours, "_CONVERTED", 100_000)
    images = np.random.default_rng(0).integers(0, 256, (5000, 400), np.uint8)
    tracemalloc.start()
    try:
        nearest(images[:200], images)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 5_000_000  # all references as float32 would take 8 MB


def test_classify_is_the_majority_and_then_the_nearest():
    references = np.array([[0.0], [1.0], [2.0], [3.0], [9.0]])
    labels = np.array([7, -2, -2, 5, 5])
    queries = np.array([[0.2], [2.9], [1.4]])
    assert classify(queries, references, labels).tolist() == [7, 5, -2]
    assert classify(queries, references, labels, 3).tolist() == [-2, -2, -2]
    assert classify(queries, references, labels, 4).tolist() == [-2, -2, -2]
    assert classify(queries, references, labels, 5).tolist() == [-2, 5, -2]


def test_classify_mnist(mnist):
    found = classify(mnist["x_test"][:200], mnist["x_train"][:3000], mnist["y_train"])
    assert (found == mnist["y_test"][:200]).mean() > 0.85
