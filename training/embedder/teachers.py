"""The two teachers as PyTorch functions, read from their ONNX files, and the target that is made of both.

A face's target is both teachers' unit vectors side by side.
"""

from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

from crops import CANVAS_TEMPLATE, MARGIN, SCALE, similarity

RETAIL_TEMPLATE = 128 * np.array(
    [(0.31556875, 0.46157411), (0.68262292, 0.46157411), (0.50026250, 0.64050536), (0.34947188, 0.82469196), (0.65343646, 0.82469196)]
)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


class OnnxFunction:
    """Runs an ONNX graph of the few operators that the teachers use."""

    def __init__(self, path):
        graph = onnx.load(str(path)).graph
        self.nodes = list(graph.node)
        self.values = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in graph.initializer}
        for node in self.nodes:
            if node.op_type == "Constant":
                self.values[node.output[0]] = torch.from_numpy(numpy_helper.to_array(node.attribute[0].t).copy())
        self.input = next(i.name for i in graph.input if i.name not in self.values)
        self.output = graph.output[0].name

    def __call__(self, x):
        values = dict(self.values)
        values[self.input] = x
        for node in self.nodes:
            if node.op_type == "Constant":
                continue
            given = [values[name] for name in node.input]
            options = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = self.apply(node.op_type, given, options)
        return values[self.output].flatten(1)

    @staticmethod
    def apply(kind, given, options):
        if kind == "Conv":
            top, left, bottom, right = options.get("pads", [0, 0, 0, 0])
            assert (top, left) == (bottom, right)
            bias = given[2] if len(given) == 3 else None
            return F.conv2d(given[0], given[1], bias, options["strides"], (top, left), groups=options["group"])
        if kind == "PRelu":
            return F.prelu(given[0], given[1].flatten())
        if kind == "Clip":
            return torch.clamp(given[0], float(given[1]), float(given[2]))
        if kind == "GlobalAveragePool":
            return given[0].mean((2, 3), keepdim=True)
        simple = {"Add": torch.add, "Mul": torch.mul, "Relu": torch.relu, "Sigmoid": torch.sigmoid}
        if kind in simple:
            return simple[kind](*given)
        if kind in ("Reshape", "Flatten"):
            return given[0].flatten(1)
        raise NotImplementedError(kind)


def retail_crop(canvas, points):
    """The second teacher's 128-pixel crop out of a canvas."""
    return cv2.warpAffine(canvas, similarity(points, RETAIL_TEMPLATE), (128, 128), flags=cv2.INTER_LINEAR)


def arcface_crop(canvas, points):
    """The first teacher's 112-pixel crop out of a canvas."""
    target = CANVAS_TEMPLATE / SCALE - MARGIN
    return cv2.warpAffine(canvas, similarity(points, target), (112, 112), flags=cv2.INTER_LINEAR)


class Teachers:
    def __init__(self, folder):
        self.first = OnnxFunction(Path(folder) / "standard" / "MobileFaceNet.onnx")
        self.second = OnnxFunction(Path(folder) / "retail" / "face-reidentification-retail-0095.onnx")

    @torch.inference_mode()
    @torch.autocast("cpu", torch.bfloat16)
    def __call__(self, canvases, points, mirrored):
        """N canvases and their landmarks become N x 384, each half of unit length; the mean with the mirror image if asked."""
        first = np.stack([arcface_crop(c, p) for c, p in zip(canvases, points)])
        second = np.stack([retail_crop(c, p) for c, p in zip(canvases, points)])
        first = (torch.from_numpy(first).permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION
        second = torch.from_numpy(second).permute(0, 3, 1, 2).flip(1).float()
        halves = []
        for teacher, x in ((self.first, first), (self.second, second)):
            x = x.contiguous(memory_format=torch.channels_last)
            vector = F.normalize(teacher(x).float())
            if mirrored:
                vector = F.normalize(vector + F.normalize(teacher(x.flip(3)).float()))
            halves.append(vector)
        return torch.cat(halves, 1).numpy()
