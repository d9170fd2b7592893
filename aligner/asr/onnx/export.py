"""Export of a Whisper encoder to an ONNX graph that computes in 8 bits.

Unlike CTranslate2's encoder it stores no attention matrices (onnxruntime computes them block by
block: Dao, Fu, Ermon, Rudra and Re 2022), and several cores can work on one window. The weights of
a product are rounded to 8 bits row by row beforehand, its other factor as a whole at run time.
Before the second product of each layer a few frames are a hundred times larger than the others;
there every frame has its own scale.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np

from aligner.asr.models.ct2_format import Array, Variables
from aligner.asr.models.ct2_to_openai import dimensions
from aligner.asr.onnx.file_format import Graph, LazyArray, Node, Option, Port
from aligner.asr.onnx.file_format import write as write_file
from aligner.asr.onnx.int8 import int8_steps, round_to_int8

OPSET, IR_VERSION = 17, 9
ORT_DOMAIN = "com.microsoft"
"""Domain of onnxruntime's own operators."""
EPSILON = 1e-5
"""Added to a variance before its root, as in Whisper's training."""
MIN_PEAK = 0.2
"""Lower bound of a frame's largest value; GELU goes down to -0.17."""


def write(variables: Variables, path: Path) -> None:
    """Writes a graph from "mel" to "features", with weights under CTranslate2's names.

    Shapes (1, mels, n) and (1, n / 2, width), float32. Raises KeyError for missing weights, and
    OSError.
    """
    write_file(_OnnxBuilder(variables).graph(), path, {"": OPSET, ORT_DOMAIN: 1}, IR_VERSION)


@dataclass
class _OnnxBuilder:
    """Builds a graph node by node. Each method returns the name of its node's output."""

    variables: Variables
    nodes: list[Node] = field(default_factory=list)
    weights: dict[str, Array | LazyArray] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=count)

    def graph(self) -> Graph:
        """Returns the graph of the whole encoder."""
        hidden = self.start("mel")
        for at in range(dimensions(self.variables)["n_audio_layer"]):
            hidden = self.layer(f"encoder/layer_{at}", hidden)
        features = self.norm("encoder/layer_norm", hidden)
        self.nodes.append(Node("Identity", [features], ["features"]))
        width, mels, _ = self.variables["encoder/conv1/weight"].shape
        into, out = Port("mel", ["one", mels, "n"]), Port("features", ["one", "steps", width])
        return Graph(self.nodes, self.weights, (into,), out)

    def start(self, mel: str) -> str:
        """Adds two convolutions, the second with a stride of 2, and the positional encoding."""
        for name, stride in (("encoder/conv1", 1), ("encoder/conv2", 2)):
            weights = [self.weight(f"{name}/weight"), self.weight(f"{name}/bias")]
            found = self.node("Conv", [mel, *weights], pads=[1, 1], strides=[stride])
            mel = self.node("Gelu", [found], ORT_DOMAIN)
        steps = self.node("Transpose", [mel], perm=[0, 2, 1])
        length = self.node("Shape", [steps], start=1, end=2)
        positions = self.weight("encoder/position_encodings/encodings")
        zero = self.constant(np.zeros(1, np.int64))
        return self.node("Add", [steps, self.node("Slice", [positions, zero, length, zero])])

    def layer(self, name: str, hidden: str) -> str:
        """Adds a residual block: attention, then two products with GELU between them."""
        normed = self.norm(f"{name}/self_attention/layer_norm", hidden)
        three = self.product(f"{name}/self_attention/linear_0", normed)
        width = self.variables[f"{name}/self_attention/linear_1/weight"].shape[1]
        sizes = self.constant(np.full(3, width, np.int64))
        parts = [self.name(), self.name(), self.name()]
        self.nodes.append(Node("Split", [three, sizes], parts, options={"axis": 2}))
        heads = int(self.variables["encoder/num_heads"])
        mixed = self.node("MultiHeadAttention", parts, ORT_DOMAIN, num_heads=heads)
        projected = self.product(f"{name}/self_attention/linear_1", mixed)
        hidden = self.node("Add", [hidden, projected])
        normed = self.norm(f"{name}/ffn/layer_norm", hidden)
        wide = self.node("Gelu", [self.product(f"{name}/ffn/linear_0", normed)], ORT_DOMAIN)
        peak = self.node("ReduceMax", [wide], axes=[-1], keepdims=1)
        peak = self.node("Max", [peak, self.constant(np.float32(MIN_PEAK))])
        level = self.node("Div", [wide, peak])
        return self.node("Add", [hidden, self.product(f"{name}/ffn/linear_1", level, peak)])

    def product(self, name: str, rows: str, scale: str | None = None) -> str:
        """Adds a product of rows and 8-bit weights, times the rows' ``scale``, plus the bias."""
        weights = self.variables[f"{name}/weight"]
        steps = int8_steps(weights)
        rounded = LazyArray(
            weights.shape[::-1], np.dtype(np.int8), partial(_rounded_columns, weights, steps)
        )
        table = [self.constant(one) for one in (rounded, steps, np.zeros(len(steps), np.int8))]
        bias = self.weight(f"{name}/bias")
        if scale is None:
            return self.node("DynamicQuantizeMatMul", [rows, *table, bias], ORT_DOMAIN)
        found = self.node("DynamicQuantizeMatMul", [rows, *table], ORT_DOMAIN)
        return self.node("Add", [self.node("Mul", [found, scale]), bias])

    def norm(self, name: str, hidden: str) -> str:
        weights = [self.weight(f"{name}/gamma"), self.weight(f"{name}/beta")]
        return self.node("LayerNormalization", [hidden, *weights], axis=-1, epsilon=EPSILON)

    def node(self, kind: str, inputs: Sequence[str], domain: str = "", **options: Option) -> str:
        found = self.name()
        self.nodes.append(Node(kind, inputs, [found], domain, options))
        return found

    def weight(self, name: str) -> str:
        found, kind = self.variables[name], np.dtype(np.float32)
        return self.constant(LazyArray(found.shape, kind, partial(found.astype, kind)))

    def constant(self, array: Array | LazyArray | np.float32) -> str:
        name = self.name()
        self.weights[name] = array if isinstance(array, LazyArray) else np.asarray(array)
        return name

    def name(self) -> str:
        """Returns an unused name."""
        return f"x{next(self.names)}"


def _rounded_columns(weights: Array, steps: Array) -> Array:
    return round_to_int8(weights, steps).T
