"""Writes the network as an ONNX file that the product's decoder serves: export.py CHECKPOINT FILE.onnx

Batch norms and the scaling of pixels are folded into the convolutions. The backbone's weights, most of the file, are stored as
int8 with a scale for each output channel, followed by Cast and Mul; the rest as float16, followed by Cast. ONNX Runtime folds
these at load, which it does not do with DequantizeLinear, so it runs plain float convolutions. The written graph is checked
against the network.
"""
import os
import sys

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from detector.faces import STRIDES
from graph import Graph
from detector.network import BACKBONE, PARTS, Conv, Network, SharedConv


def folded(norm):
    """What a batch norm does to each channel: times a scale, plus a bias."""
    scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    return scale, norm.bias.detach().double() - norm.running_mean.double() * scale


class Writer:
    def __init__(self):
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def node(self, kind, inputs, name, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name=f"{kind}_{name}", **attributes))
        return name

    def whole(self, name, weight, bias):
        """The two constants of a convolution, the weight stored as int8."""
        scale = weight.abs().amax((1, 2, 3), keepdim=True).clamp(min=1e-12) / 127
        stored = self.constant(f"{name}.int8", torch.round(weight / scale).to(torch.int8).numpy())
        cast = self.node("Cast", [stored], f"{name}.float", to=TensorProto.FLOAT)
        return self._constants(name, cast, scale, bias, weight)

    def half(self, name, weight):
        return self.node("Cast", [self.constant(f"{name}.half", weight.half().numpy())], f"{name}.float", to=TensorProto.FLOAT)

    def _constants(self, name, cast, scale, bias, weight):
        ready = self.node("Mul", [cast, self.constant(f"{name}.scale", scale.float().reshape(-1, 1, 1, 1).numpy())], f"{name}.weight")
        return [ready, self.constant(f"{name}.bias", bias.float().numpy())], weight.shape[2]

    def shared(self, name, layer):
        """The constants for each stride: the weight is stored once, each stride's batch norm scales it."""
        weight = layer.conv.weight.detach()
        cast = self.half(name, weight)
        return [self._constants(f"{name}_{stride}", cast, *folded(norm), weight) for stride, norm in zip(STRIDES, layer.norms)]

    def plain(self, name, weight, bias):
        return [self.half(name, weight), self.constant(f"{name}.bias", bias.float().numpy())], weight.shape[2]

    def conv(self, x, layer, name, stride=1):
        constants, size = layer
        pad = size // 2
        return self.node("Conv", [x, *constants], name, kernel_shape=[size, size], strides=[stride, stride], pads=[pad] * 4)


def build(network):
    w = Writer()
    layers = {}
    for name, module in network.named_modules():
        if isinstance(module, SharedConv):
            layers[name] = w.shared(name, module)
        elif isinstance(module, Conv):
            scale, bias = folded(module.norm)
            weight = module.conv.weight.detach().double() * scale[:, None, None, None]
            store = w.whole if name.startswith(BACKBONE) else w.plain
            layers[name] = store(name, weight / 128 if name == "stem.0" else weight, bias)
        elif name.endswith("_out"):
            layers[name] = w.plain(name, module.weight.detach(), module.bias.detach())

    def conv(x, layer, out, stride=1, add=False):
        x_out = w.conv(x, layer, out, stride)
        if add:
            x_out = w.node("Add", [x, x_out], f"{out}.sum")
        return w.node("Relu", [x_out], f"{out}.relu")

    x, rows = "input", []
    for part in ("stem", "at8", "at16", "at32"):
        for i, layer in enumerate(getattr(network, part)):
            x = conv(x, layers[f"{part}.{i}"], f"{part}.{i}", layer.conv.stride[0], layer.add)
        rows.append(x)
    doubled = w.constant("doubled", np.array([1, 1, 2, 2], np.float32))
    above, outputs = None, {}
    for i, stride in reversed(list(enumerate(STRIDES))):
        x = conv(rows[i + 1], layers[f"lateral.{i}"], f"lateral.{i}")
        if above is not None:
            up = w.node("Resize", [above, "", doubled], f"up.{i}", mode="nearest", coordinate_transformation_mode="asymmetric",
                        nearest_mode="floor")
            x = w.node("Add", [x, up], f"merged.{i}")
        above = x
        x = conv(x, layers["tower"][i], f"tower_{stride}", add=network.tower.add)
        for branch, parts in (("score", ("cls", "obj")), ("shape", ("bbox", "kps"))):
            y = conv(x, layers[branch][i], f"{branch}_{stride}")
            y = w.conv(y, layers[f"{branch}_out"], f"{branch}_out_{stride}")
            y = w.node("Transpose", [y], f"{branch}_rows_{stride}", perm=[0, 2, 3, 1])
            widths = [PARTS[p][1] - PARTS[p][0] for p in parts]
            shape = w.constant(f"{branch}_shape_{stride}", np.array([0, -1, sum(widths)], np.int64))
            y = w.node("Reshape", [y, shape], f"{branch}_cells_{stride}")
            if branch == "score":
                y = w.node("Sigmoid", [y], f"{branch}_sigmoid_{stride}")
            split = w.constant(f"{branch}_split_{stride}", np.array(widths, np.int64))
            names = [f"{p}_{stride}" for p in parts]
            w.nodes.append(helper.make_node("Split", [y, split], names, name=f"Split_{branch}_{stride}", axis=2))
            outputs.update(zip(names, widths))
    order = [f"{p}_{s}" for p in PARTS for s in STRIDES]
    graph = helper.make_graph(
        w.nodes, "rollcall-detector",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", 3, "height", "width"])],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", "cells_" + n.split("_")[1], outputs[n]]) for n in order],
        w.weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="rollcall")
    model.ir_version = 7
    onnx.checker.check_model(model)
    return model


def difference(network, path, height=256, width=352):
    """The greatest difference of any output between the network and the file, at a size that is not square."""
    pixels = torch.rand(1, 3, height, width) * 255
    with torch.no_grad():
        ours, theirs = network(pixels), Graph(path)(pixels)
    return max((ours[n] - theirs[n]).abs().max().item() for n in ours)


def load(checkpoint):
    network = Network(**checkpoint["shape"])
    network.load_state_dict(checkpoint["average"])
    return network.eval()


def write(network, path):
    onnx.save(build(network), path + ".part")
    os.replace(path + ".part", path)


if __name__ == "__main__":
    torch.set_num_threads(1)
    network = load(torch.load(sys.argv[1], map_location="cpu"))
    write(network, sys.argv[2])
    print(f"{os.path.getsize(sys.argv[2])} bytes, greatest difference {difference(network, sys.argv[2]):.4f}")
