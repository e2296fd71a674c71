"""The two teachers, and the target that is made of both.

A face's target is both teachers' unit vectors side by side.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from embedder.crops import CANVAS_TEMPLATE, MARGIN, SCALE, similarity
from graph import Graph

RETAIL_TEMPLATE = 128 * np.array(
    [(0.31556875, 0.46157411), (0.68262292, 0.46157411), (0.50026250, 0.64050536), (0.34947188, 0.82469196), (0.65343646, 0.82469196)]
)
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)


def retail_crop(canvas, points):
    """The second teacher's 128-pixel crop out of a canvas."""
    return cv2.warpAffine(canvas, similarity(points, RETAIL_TEMPLATE), (128, 128), flags=cv2.INTER_LINEAR)


def arcface_crop(canvas, points):
    """The first teacher's 112-pixel crop out of a canvas."""
    target = CANVAS_TEMPLATE / SCALE - MARGIN
    return cv2.warpAffine(canvas, similarity(points, target), (112, 112), flags=cv2.INTER_LINEAR)


def unit(teacher, x):
    (vector,) = teacher(x).values()
    return F.normalize(vector.float().reshape(len(x), -1))  # MobileFaceNet makes one row of a batch


class Teachers:
    def __init__(self, folder):
        self.first = Graph(Path(folder) / "standard" / "MobileFaceNet.onnx", half=True)
        self.second = Graph(Path(folder) / "retail" / "face-reidentification-retail-0095.onnx", half=True)

    @torch.inference_mode()
    def __call__(self, canvases, points, mirrored):
        """N canvases and their landmarks become N x 384, each half of unit length; the mean with the mirror image if asked."""
        first = np.stack([arcface_crop(c, p) for c, p in zip(canvases, points)])
        second = np.stack([retail_crop(c, p) for c, p in zip(canvases, points)])
        first = (torch.from_numpy(first).permute(0, 3, 1, 2).float() / 255 - MEAN) / DEVIATION
        second = torch.from_numpy(second).permute(0, 3, 1, 2).flip(1).float()
        halves = []
        for teacher, x in ((self.first, first), (self.second, second)):
            vector = unit(teacher, x)
            if mirrored:
                vector = F.normalize(vector + unit(teacher, x.flip(3)))
            halves.append(vector)
        return torch.cat(halves, 1).numpy()
