"""The ONNX graph of a BERT encoder, written out byte by byte, without the ``onnx`` package.

The graph names its weights and holds none; they are handed to the session next to it, or lie in a
file that the session maps. Its operators are onnxruntime's own fused ones, so a layer is seven
nodes, and eight with int8 weights.
Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (messages and field numbers) and
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md (operators).
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

# Field numbers of the messages, and values of their enumerations.
_MODEL = {"ir_version": 1, "graph": 7, "opset_import": 8}
_OPSET = {"domain": 1, "version": 2}
_GRAPH = {"node": 1, "name": 2, "initializer": 5, "input": 11, "output": 12}
_NODE = {"input": 1, "output": 2, "op_type": 4, "attribute": 5, "domain": 7}
_ATTRIBUTE = {"name": 1, "f": 2, "i": 3, "type": 20}
_VALUE = {"name": 1, "type": 2}
_TENSOR = {"dims": 1, "data_type": 2, "name": 8, "external_data": 13, "data_location": 14}
_FLOAT, _INT = 1, 2  # types of an attribute
_FLOAT32, _INT8, _INT32 = 1, 3, 6  # types of a tensor
_EXTERNAL = 1

_FUSED = "com.microsoft"

Attributes = Mapping[str, "int | float"]


# Of a layer, what may be int8.
MATRICES = ("qkv", "out", "up", "down")


class InFile(NamedTuple):
    """Where a float32 weight lies: a file in the folder that the session is told of, in bytes."""

    file: str
    offset: int
    length: int


def encoder(
    shapes: Mapping[str, Sequence[int]],
    mapped: Mapping[str, InFile],
    *,
    layers: int,
    heads: int,
    epsilon: float,
    int8: bool = False,
) -> bytes:
    """A model from word pieces to vectors, one for each piece and layer.

    Inputs ``ids``, ``types_in`` and ``mask``, each int32 [texts, pieces], the mask 1 for a piece
    and 0 for the padding to its right; outputs ``x0`` (what goes into the first layer) to
    ``x{layers}`` (what comes out of the last), each float32 [texts, pieces, width].

    Args:
        shapes: Of every weight by name: ``words``, ``positions``, ``types``, ``norm`` and
            ``norm_bias``, and for each layer ``{n}.qkv`` [width, 3 * width], ``{n}.out``,
            ``{n}.up``, ``{n}.down`` [in, out], ``{n}.norm1``, ``{n}.norm2``; ``…_bias`` of each.
        mapped: Those that lie in a file; the others are handed to the session.
        epsilon: Of the layer norms.
        int8: The ``MATRICES`` are int8, each with a ``…_scale`` [out] for its columns. What is
            multiplied with them is rounded to 8 bits as well, on a scale of its own for each call:
            a text's numbers depend on the texts beside it, so give it one text at a time.
    """
    norm: Attributes = {"epsilon": epsilon}
    nodes = [
        _node(
            "EmbedLayerNormalization",
            ["ids", "types_in", "words", "positions", "types", "norm", "norm_bias", "mask"],
            ["x0", "length"],
            norm,
        )
    ]
    for n in range(layers):
        x, a = f"x{n}", f"{n}."
        nodes += [
            *_attention(x, a, heads, int8),
            _product(a + "a", a + "out", a + "b", int8),
            _node("SkipLayerNormalization",
                  [a + "b", x, a + "norm1", a + "norm1_bias", a + "out_bias"], [a + "c"], norm),
            _product(a + "c", a + "up", a + "d", int8),
            _node("BiasGelu", [a + "d", a + "up_bias"], [a + "e"]),
            _product(a + "e", a + "down", a + "f", int8),
            _node("SkipLayerNormalization",
                  [a + "f", a + "c", a + "norm2", a + "norm2_bias", a + "down_bias"],
                  [f"x{n + 1}"], norm),
        ]  # fmt: skip
    weights = [
        _weight(
            name,
            shape,
            _INT8 if int8 and name.endswith(MATRICES) else _FLOAT32,
            mapped.get(name),
        )
        for name, shape in shapes.items()
    ]
    graph = _message(
        _GRAPH,
        node=nodes,
        name="bert",
        initializer=weights,
        input=[_value(name, _INT32) for name in ("ids", "types_in", "mask")],
        output=[_value(f"x{n}", _FLOAT32) for n in range(layers + 1)],
    )
    opsets = [_message(_OPSET, domain="", version=17), _message(_OPSET, domain=_FUSED, version=1)]
    return _message(_MODEL, ir_version=8, graph=graph, opset_import=opsets)


def _attention(x: str, a: str, heads: int, int8: bool) -> list[bytes]:
    several = {"num_heads": heads}
    if not int8:
        return [_node("Attention", [x, a + "qkv", a + "qkv_bias", "length"], [a + "a"], several)]
    rounded, scale, zero = (a + name for name in ("rounded", "x_scale", "zero"))
    return [
        _node("DynamicQuantizeLinear", [x], [rounded, scale, zero], domain=""),
        _node("QAttention",
              [rounded, a + "qkv", a + "qkv_bias", scale, a + "qkv_scale", "length", zero],
              [a + "a"], several),
    ]  # fmt: skip


def _product(x: str, matrix: str, result: str, int8: bool) -> bytes:
    if int8:
        return _node("DynamicQuantizeMatMul", [x, matrix, matrix + "_scale"], [result])
    return _node("MatMul", [x, matrix], [result], domain="")


def _node(
    kind: str,
    inputs: list[str],
    outputs: list[str],
    attributes: Attributes | None = None,
    *,
    domain: str = _FUSED,
) -> bytes:
    written = [
        _message(_ATTRIBUTE, name=name, f=value, type=_FLOAT)
        if isinstance(value, float)
        else _message(_ATTRIBUTE, name=name, i=value, type=_INT)
        for name, value in (attributes or {}).items()
    ]
    return _message(
        _NODE, input=inputs, output=outputs, op_type=kind, attribute=written, domain=domain
    )


def _weight(name: str, shape: Sequence[int], kind: int, lies: InFile | None) -> bytes:
    place = {"location": "in_memory"}  # it is given by name, and nobody looks for the file
    if lies:
        place = {"location": lies.file, "offset": str(lies.offset), "length": str(lies.length)}
    return _message(
        _TENSOR,
        dims=list(shape),
        data_type=kind,
        name=name,
        external_data=[
            _message({"key": 1, "value": 2}, key=key, value=value) for key, value in place.items()
        ],
        data_location=_EXTERNAL,
    )


def _value(name: str, kind: int) -> bytes:
    tensor = _message({"elem_type": 1}, elem_type=kind)
    return _message(_VALUE, name=name, type=_message({"tensor_type": 1}, tensor_type=tensor))


def _message(
    fields: Mapping[str, int], **values: "str | bytes | int | float | Sequence[str | bytes | int]"
) -> bytes:
    """A protobuf message.

    Source: https://protobuf.dev/programming-guides/encoding/
    """
    out = bytearray()
    for name, value in values.items():
        several = isinstance(value, list)
        items: Iterable[str | bytes | int | float] = value if several else [value]  # type: ignore[assignment, list-item]
        for item in items:
            out += _field(fields[name], item)
    return bytes(out)


def _field(number: int, value: "str | bytes | int | float") -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
