"""Finds the backgrounds that a half-trained detector takes for faces: hard.py WORK FILE.onnx

Writes WORK/hard.npy, a weight for each background, by which training then draws them: those that mislead come more often.
"""
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from detector import backgrounds
from detector import faces
from graph import Graph

SIDES = (96, 192, 384)
LOWEST = 0.1


def over_grey(picture):
    if picture.shape[2] == 3:
        return picture
    alpha = picture[..., 3:] / 255.0
    return (picture[..., :3] * alpha + 128 * (1 - alpha)).astype(np.uint8)


def main(work, file):
    graph = Graph(file, half=True)
    weights = []
    for picture in backgrounds.load(work):
        scales = [side / max(picture.shape[:2]) for side in SIDES]
        found = [faces.detect_at(graph, over_grey(picture), s, LOWEST)[:, 0].max(initial=0) for s in scales if s < 3]
        weights.append(1 + 10 * max(found, default=0) ** 2)
    np.save(work / "hard.npy", np.array(weights))
    print(f"{sum(w > 1 + 10 * 0.25 for w in weights)} of {len(weights)} pictures have a score of 0.5 or more")


if __name__ == "__main__":
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    main(Path(sys.argv[1]), sys.argv[2])
