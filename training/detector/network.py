"""The network: a backbone of dense 3x3 convolutions, a top-down neck, and a head whose convolutions all strides share.

Dense convolutions, not the teacher's depthwise ones: in training on a processor they are many times faster per operation, and
ONNX Runtime runs them at a higher rate too. Sharing the head keeps the file small and sees each face size at every stride.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from detector.faces import STRIDES

BACKBONE = ("at8", "at16", "at32")
PARTS = {"cls": (0, 1), "obj": (1, 2), "bbox": (2, 6), "kps": (6, 16)}


class Conv(nn.Module):
    """Convolution, batch norm, ReLU; with `add`, the input is added before the ReLU."""

    def __init__(self, inputs, outputs, stride=1, size=3, add=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False)
        self.norm = nn.BatchNorm2d(outputs)
        self.add = add

    def forward(self, x):
        y = self.norm(self.conv(x))
        return F.relu(x + y if self.add else y)


class SharedConv(nn.Module):
    """One convolution for all strides, each with a batch norm of its own: a norm that they share would learn in training from
    each stride's own figures, and then run with the mean of all three."""

    def __init__(self, inputs, outputs, add=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(outputs) for _ in STRIDES])
        self.add = add

    def forward(self, x, level):
        y = self.norms[level](self.conv(x))
        return F.relu(x + y if self.add else y)


class Network(nn.Module):
    def __init__(self, stem=(16, 16), widths=(32, 48, 64), depths=(1, 2, 2), neck=32, score=16, shape=48):
        super().__init__()
        a, b, _ = widths
        self.stem = nn.ModuleList([Conv(3, stem[0], 2), Conv(stem[0], stem[1], 2)])
        self.at8, self.at16, self.at32 = (
            nn.ModuleList([Conv(before, width, 2)] + [Conv(width, width, add=True) for _ in range(depth)])
            for before, width, depth in zip((stem[1], a, b), widths, depths))
        self.lateral = nn.ModuleList([Conv(w, neck, size=1) for w in widths])
        self.tower = SharedConv(neck, neck, add=True)
        self.score = SharedConv(neck, score)
        self.shape = SharedConv(neck, shape)
        self.score_out = nn.Conv2d(score, 2, 1)
        self.shape_out = nn.Conv2d(shape, 14, 1)
        nn.init.normal_(self.score_out.weight, std=0.01)
        nn.init.constant_(self.score_out.bias, -4.0)
        nn.init.normal_(self.shape_out.weight, std=0.01)
        with torch.no_grad():
            self.shape_out.bias.copy_(torch.tensor([0, 0, 1, 1.3] + [0.0] * 10))

    def levels(self, pixels):
        """For each stride the 16 numbers of every cell, scores before the sigmoid."""
        x = pixels / 128
        for layer in self.stem:
            x = layer(x)
        rows = []
        for stage in (self.at8, self.at16, self.at32):
            for layer in stage:
                x = layer(x)
            rows.append(x)
        above, out = None, []
        for level in reversed(range(len(STRIDES))):
            x = self.lateral[level](rows[level])
            if above is not None:
                x = x + F.interpolate(above, scale_factor=2, mode="nearest")
            above = x
            x = self.tower(x, level)
            out.append(torch.cat([self.score_out(self.score(x, level)), self.shape_out(self.shape(x, level))], 1))
        return out[::-1]

    def forward(self, pixels):
        """The outputs by their names in the file."""
        outputs = {}
        for stride, level in zip(STRIDES, self.levels(pixels)):
            for part, (start, end) in PARTS.items():
                value = level[:, start:end].permute(0, 2, 3, 1).reshape(level.shape[0], -1, end - start)
                outputs[f"{part}_{stride}"] = torch.sigmoid(value) if end - start == 1 else value
        return outputs
