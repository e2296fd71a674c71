"""Runs a small ONNX graph in torch, at any picture size: the teachers', and what is exported.

Only the operators of these graphs are there. ONNX Runtime is what the product uses; this is for machines that
have Debian's python3-onnx and python3-torch and nothing else.
"""
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


class Graph:
    """Half precision is what makes a batch bearable on a processor whose torch has no fast 1x1 convolutions in float32."""

    def __init__(self, model, half=False):
        model = model if isinstance(model, onnx.ModelProto) else onnx.load(str(model))
        self.half = half
        self.weights = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in model.graph.initializer}
        self.nodes = [(n.op_type, list(n.input), list(n.output), _attributes(n)) for n in model.graph.node]
        self.input = next(i.name for i in model.graph.input if i.name not in self.weights)
        self.outputs = [o.name for o in model.graph.output]

    @torch.no_grad()
    def __call__(self, pixels):
        values = dict(self.weights)
        values[self.input] = pixels.contiguous(memory_format=torch.channels_last)
        values[""] = None
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            return self._run(values)

    def _run(self, values):
        for kind, inputs, outputs, attributes in self.nodes:
            result = _OPERATORS[kind]([values[i] for i in inputs], attributes)
            for name, value in zip(outputs, result if isinstance(result, (list, tuple)) else [result]):
                values[name] = value
        return {name: values[name] for name in self.outputs}


def _attributes(node):
    return {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}


def _conv(x, a):
    pads = a.get("pads", [0, 0, 0, 0])
    bias = x[2] if len(x) > 2 else None
    return F.conv2d(x[0], x[1], bias, a.get("strides", [1, 1]), pads[:2], 1, a.get("group", 1))


def _reshape(x, a):
    shape = [x[0].shape[i] if n == 0 else int(n) for i, n in enumerate(x[1].tolist())]
    return x[0].reshape(shape)


def _constant(x, a):
    return torch.from_numpy(numpy_helper.to_array(a["value"]).copy())


def _cast(x, a):
    return x[0].to({1: torch.float32, 6: torch.int32, 7: torch.int64, 10: torch.float16}[a["to"]])


_OPERATORS = {
    "Conv": _conv,
    "Relu": lambda x, a: F.relu(x[0]),
    "PRelu": lambda x, a: F.prelu(x[0], x[1].flatten()),
    "Clip": lambda x, a: torch.clamp(x[0], float(x[1]), float(x[2])),
    "GlobalAveragePool": lambda x, a: x[0].mean((2, 3), keepdim=True),
    "Flatten": lambda x, a: x[0].flatten(1),
    "Gemm": lambda x, a: x[0] @ x[1].T + x[2],
    "MaxPool": lambda x, a: F.max_pool2d(x[0], a["kernel_shape"], a["strides"]),
    "Resize": lambda x, a: F.interpolate(x[0], scale_factor=x[2].tolist()[2:], mode="nearest"),
    "Add": lambda x, a: x[0] + x[1],
    "Mul": lambda x, a: x[0] * x[1],
    "Sigmoid": lambda x, a: torch.sigmoid(x[0]),
    "Transpose": lambda x, a: x[0].permute(a["perm"]),
    "Reshape": _reshape,
    "Constant": _constant,
    "Cast": _cast,
    "Shape": lambda x, a: torch.tensor(x[0].shape),
    "Gather": lambda x, a: x[0][x[1]],
    "Unsqueeze": lambda x, a: x[0].reshape(1) if x[0].dim() == 0 else x[0].unsqueeze(a["axes"][0]),
    "Split": lambda x, a: torch.split(x[0], x[1].tolist(), a["axis"]),
    "Concat": lambda x, a: torch.cat(list(x), a["axis"]),
}
