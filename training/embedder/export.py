"""Writes a trained student as ONNX: batch norms folded, weights as int8 with a scale for each output channel.

    python3 -m embedder.export WORK embedder.onnx

int8 is for the size of the file alone: each weight is Cast and Mul of constants, which ONNX Runtime folds to floats as it
loads. (It keeps DequantizeLinear, and would run it for every picture.) Checks itself: the graph, run by the interpreter that runs
the teachers, must answer what the student with the rounded weights answers.
"""

import argparse
import hashlib
import os
from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from embedder.network import Block, Student
from graph import Graph as Interpreter


def folded(conv, norm):
    """The weight and bias of a convolution with the batch norm behind it."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return conv.weight * scale.view(-1, 1, 1, 1), norm.bias - norm.running_mean * scale


class Graph:
    def __init__(self, bits):
        self.nodes, self.constants, self.count, self.bits = [], [], 0, bits

    def constant(self, values):
        self.count += 1
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), f"c{self.count}"))
        return f"c{self.count}"

    def node(self, kind, inputs, **options):
        self.count += 1
        self.nodes.append(helper.make_node(kind, inputs, [f"v{self.count}"], **options))
        return f"v{self.count}"

    def weight(self, tensor):
        values = tensor.detach().numpy()
        if self.bits == 16:
            return self.node("Cast", [self.constant(values.astype(np.float16))], to=TensorProto.FLOAT)
        scale = np.abs(values).reshape(len(values), -1).max(1).reshape(-1, *[1] * (values.ndim - 1)) / 127
        rounded = self.constant(np.round(values / scale).astype(np.int8))
        return self.node("Mul", [self.node("Cast", [rounded], to=TensorProto.FLOAT), self.constant(scale.astype(np.float32))])

    def conv(self, x, conv, norm):
        weight, bias = folded(conv, norm)
        pad = conv.padding[0]
        return self.node(
            "Conv", [x, self.weight(weight), self.constant(bias.detach().numpy())], kernel_shape=list(conv.kernel_size),
            strides=list(conv.stride), pads=[pad] * 4, group=conv.groups, dilations=[1, 1])


def graph_of(student, bits):
    g = Graph(bits)
    x = "face"
    layers = list(student.body)
    while layers:
        layer = layers.pop(0)
        if isinstance(layer, nn.Conv2d):
            x = g.conv(x, layer, layers.pop(0))
        elif isinstance(layer, nn.ReLU):
            x = g.node("Relu", [x])
        elif isinstance(layer, Block):
            inner = g.node("Relu", [g.conv(x, *layer.first)])
            x = g.node("Relu", [g.node("Add", [x, g.conv(inner, *layer.second)])])
    x = g.node("Flatten", [g.conv(x, student.pool, student.norm)], axis=1)
    head = [x, g.weight(student.head.weight), g.constant(student.head.bias.detach().numpy())]
    g.nodes.append(helper.make_node("Gemm", head, ["vector"], transB=1))
    face = helper.make_tensor_value_info("face", TensorProto.FLOAT, [1, 3, 112, 112])
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 128])
    graph = helper.make_graph(g.nodes, "rollcall-embedder", [face], [vector], g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="rollcall")
    model.ir_version = 7
    onnx.checker.check_model(model, full_check=True)
    return model


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("target", type=Path)
    arguments.add_argument("--name", default="student")
    arguments.add_argument("--bits", type=int, choices=[8, 16], default=8)
    options = arguments.parse_args()
    student = Student()
    student.load_state_dict(torch.load(options.work / f"{options.name}.pt")["average"])
    student.eval()
    model = graph_of(student, options.bits)
    crop = np.load(options.work / "crops-000.npy", mmap_mode="r")[0:8, 8:120, 8:120]
    x = (torch.from_numpy(np.ascontiguousarray(crop)).permute(0, 3, 1, 2).float() - 127.5) / 127.5
    with torch.no_grad():
        whole = F.normalize(student(x))
    graph = Interpreter(model)
    stored = F.normalize(torch.cat([graph(x[i : i + 1])["vector"] for i in range(len(x))]))
    agreement = (whole * stored).sum(1).min().item()
    assert agreement > 0.995, f"the graph is not the student: cosine {agreement}"
    data = model.SerializeToString()
    temporary = options.target.with_suffix(".part")
    temporary.write_bytes(data)
    os.replace(temporary, options.target)
    print(f"{options.target}: {len(data):,} bytes, {sum(p.numel() for p in student.parameters()):,} parameters,"
          f" least cosine with the student {agreement:.5f}, SHA-256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
