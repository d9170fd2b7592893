"""Export of the speaker model CAM++ to an ONNX graph.

CAM++ (Wang, Zheng, Chen, Cheng and Chen 2023) is a residual network over the spectrum followed by
densely connected time-delay layers, each scaled by a mask from its surroundings (context-aware
masking). The graph ends with the features of each frame: the pooling to one vector, and the last
projection, are so small that they are computed outside, for any stretch of the frames.

The means over surroundings are a product with a matrix that is an input of the graph, so a graph
serves recordings of every length. Batch normalisation is folded into the convolution before it,
where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aligner.asr.onnx.file_format import Graph, Node, Option, Port
from aligner.asr.onnx.file_format import write as write_file

Array = NDArray[Any]
Variables = Mapping[str, Array]

OPSET, IR_VERSION = 17, 9
EPSILON = 1e-5
"""Added to a variance before its root, as in the model's training."""
BLOCKS = ((12, 1), (24, 2), (16, 2))
"""The layers of each dense block, and the dilation of their convolutions."""
MELS = 80


def write(variables: Variables, path: Path) -> None:
    """Writes a graph from "fbank" (batch, frames, 80) and "context" (n, n) to "features".

    n is half of the frames, rounded up; column t of "context" holds the weights of the frames whose
    mean is the surroundings of frame t. "features" is (batch, 512, n). All are float32. Raises
    KeyError for missing weights, and OSError.
    """
    write_file(_CamPlusPlusGraph(variables).graph(), path, {"": OPSET}, IR_VERSION)


def projection(variables: Variables) -> NDArray[np.float32]:
    """Returns the last layer, shape (192, 1025): a row's weights of the mean and the deviation of
    each feature, then its bias. Raises KeyError."""
    name = "xvector.dense"
    scale, shift = _norm(variables, f"{name}.nonlinear.batchnorm")
    weights = variables[f"{name}.linear.weight"][:, :, 0] * scale[:, None]
    return np.hstack([weights, shift[:, None]]).astype(np.float32)


def _norm(variables: Variables, name: str) -> tuple[Array, Array]:
    """Returns a batch normalisation as a factor and a summand for each channel."""
    mean, variance = variables[f"{name}.running_mean"], variables[f"{name}.running_var"]
    scale = variables.get(f"{name}.weight", np.float32(1)) / np.sqrt(variance + EPSILON)
    return scale, variables.get(f"{name}.bias", np.float32(0)) - mean * scale


@dataclass
class _CamPlusPlusGraph:
    """Builds the graph node by node. Each method returns the name of its node's output."""

    variables: Variables
    nodes: list[Node] = field(default_factory=list)
    weights: dict[str, Array] = field(default_factory=dict)
    names: Iterator[int] = field(default_factory=count)

    def graph(self) -> Graph:
        hidden = self.spectrum("fbank")
        hidden = self.conv(
            hidden,
            "xvector.tdnn.linear",
            "xvector.tdnn.nonlinear.batchnorm",
            strides=[2],
            pads=[2, 2],
        )
        hidden = self.node("Relu", [hidden])
        for at, (layers, dilation) in enumerate(BLOCKS, start=1):
            for layer in range(1, layers + 1):
                more = self.layer(f"xvector.block{at}.tdnnd{layer}", hidden, dilation)
                hidden = self.node("Concat", [hidden, more], axis=1)
            hidden = self.normed(hidden, f"xvector.transit{at}.nonlinear.batchnorm")
            hidden = self.conv(hidden, f"xvector.transit{at}.linear")
        features = self.normed(hidden, "xvector.out_nonlinear.batchnorm")
        self.nodes.append(Node("Identity", [features], ["features"]))
        width = len(self.variables["xvector.out_nonlinear.batchnorm.running_mean"])
        into = (Port("fbank", ["batch", "frames", MELS]), Port("context", ["n", "n"]))
        return Graph(self.nodes, self.weights, into, Port("features", ["batch", width, "n"]))

    def spectrum(self, fbank: str) -> str:
        """Adds the residual network over time and frequency."""
        turned = self.node("Transpose", [fbank], perm=[0, 2, 1])
        hidden = self.node("Unsqueeze", [turned, self.constant(np.array([1], np.int64))])
        hidden = self.node("Relu", [self.square(hidden, "head.conv1", "head.bn1", 1)])
        for layer in ("layer1", "layer2"):
            for at, stride in ((0, 2), (1, 1)):
                hidden = self.residual(hidden, f"head.{layer}.{at}", stride)
        hidden = self.node("Relu", [self.square(hidden, "head.conv2", "head.bn2", 2)])
        channels = int(self.variables["xvector.tdnn.linear.weight"].shape[1])
        shape = self.constant(np.array([0, channels, -1], np.int64))
        return self.node("Reshape", [hidden, shape])

    def residual(self, hidden: str, name: str, stride: int) -> str:
        out = self.node("Relu", [self.square(hidden, f"{name}.conv1", f"{name}.bn1", stride)])
        out = self.square(out, f"{name}.conv2", f"{name}.bn2", 1)
        if stride != 1:
            hidden = self.conv(
                hidden, f"{name}.shortcut.0", f"{name}.shortcut.1", strides=[stride, 1]
            )
        return self.node("Relu", [self.node("Add", [out, hidden])])

    def square(self, hidden: str, name: str, norm: str, stride: int) -> str:
        """Adds a convolution of 3 by 3, with a stride in frequency, and its normalisation."""
        return self.conv(hidden, name, norm, strides=[stride, 1], pads=[1, 1, 1, 1])

    def layer(self, name: str, hidden: str, dilation: int) -> str:
        """Adds a layer of a dense block: a narrow convolution, times a mask from the context."""
        hidden = self.normed(hidden, f"{name}.nonlinear1.batchnorm")
        hidden = self.conv(hidden, f"{name}.linear1", f"{name}.nonlinear2.batchnorm")
        hidden = self.node("Relu", [hidden])
        local = self.conv(
            hidden, f"{name}.cam_layer.linear_local", dilations=[dilation], pads=[dilation] * 2
        )
        around = self.node("MatMul", [hidden, "context"])
        around = self.node("Relu", [self.conv(around, f"{name}.cam_layer.linear1")])
        mask = self.node("Sigmoid", [self.conv(around, f"{name}.cam_layer.linear2")])
        return self.node("Mul", [local, mask])

    def conv(self, hidden: str, name: str, norm: str = "", **options: Option) -> str:
        """Adds a convolution, followed by a batch normalisation if one is named."""
        weights = self.variables[f"{name}.weight"]
        bias = self.variables.get(f"{name}.bias", np.zeros(len(weights), np.float32))
        if norm:
            scale, shift = _norm(self.variables, norm)
            weights = weights * scale.reshape(-1, *[1] * (weights.ndim - 1))
            bias = bias * scale + shift
        inputs = [hidden, self.constant(weights), self.constant(bias)]
        return self.node("Conv", inputs, **options)

    def normed(self, hidden: str, name: str) -> str:
        """Adds a batch normalisation with no convolution before it, and a ReLU."""
        scale, shift = (self.constant(part[:, None]) for part in _norm(self.variables, name))
        scaled = self.node("Add", [self.node("Mul", [hidden, scale]), shift])
        return self.node("Relu", [scaled])

    def node(self, kind: str, inputs: Sequence[str], **options: Option) -> str:
        found = f"x{next(self.names)}"
        self.nodes.append(Node(kind, inputs, [found], options=options))
        return found

    def constant(self, array: Array) -> str:
        name = f"x{next(self.names)}"
        is_integer = array.dtype == np.int64
        self.weights[name] = array if is_integer else np.ascontiguousarray(array, np.float32)
        return name
