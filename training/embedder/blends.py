"""Makes labelled training faces: the photographs of the people trained on, and blends of them, seen by both teachers.

Shard 0 holds the photographs, each labelled by the mean of itself and its mirror image; every further shard holds blends:
two or three faces in one pose are averaged, one is driven away from another, halves are exchanged along a soft edge, and
shapes are warped. A blend is nobody's photograph, and what it is worth is what the teachers see in it.

    python3 -m embedder.blends WORK --teachers FOLDER --shards 1 2 3
"""

import argparse
import csv
import os
from pathlib import Path

import cv2
import numpy as np
import torch

from embedder.crops import CANVAS_TEMPLATE, MARGIN, SCALE, SIDE
from embedder.teachers import Teachers

STORED = 128  # 112 pixels and eight around them
SHARD = 5000


def stored_crop(canvas):
    """The face at the student's scale with a margin, for later jitter."""
    shift = MARGIN - (STORED - 112) / 2
    return cv2.warpAffine(canvas, np.array([[1 / SCALE, 0, -shift], [0, 1 / SCALE, -shift]]), (STORED, STORED), flags=cv2.INTER_LINEAR)


def soft_mask(random):
    """SIDE x SIDE x 1 in 0..1: one side of a soft line through the face, or a soft ellipse."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    cx, cy = random.uniform(0.35, 0.65, 2) * SIDE
    if random.random() < 0.7:
        angle = random.uniform(0, 2 * np.pi)
        distance = (x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)
    else:
        a, b = random.uniform(0.15, 0.4, 2) * SIDE
        distance = (1 - np.sqrt(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2)) * min(a, b)
    return (1 / (1 + np.exp(-distance / random.uniform(3, 14))))[:, :, None]


def warped(face, random):
    """Another shape of the same texture: a smooth field that moves features by a few pixels."""
    strength = random.uniform(2, 7)
    field = random.normal(0, strength, (2, 5, 5)).astype(np.float32)
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32)
    dx, dy = (cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for part in field)
    return cv2.remap(face, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def light(face, random):
    """Another exposure, tint, and now and then blur, noise or grey."""
    face = face * random.uniform(0.75, 1.25) + random.uniform(-20, 20)
    if random.random() < 0.3:
        face = face * random.uniform(0.9, 1.1, (1, 1, 3)).astype(np.float32)
    if random.random() < 0.25:
        gradient = np.linspace(random.uniform(0.6, 1), random.uniform(0.8, 1.3), SIDE, dtype=np.float32)
        face = face * (gradient[None, :, None] if random.random() < 0.6 else gradient[:, None, None])
    if random.random() < 0.1:
        face = np.repeat(face.mean(2, keepdims=True), 3, 2)
    if random.random() < 0.2:
        face = cv2.GaussianBlur(face, (0, 0), random.uniform(0.5, 2))
    if random.random() < 0.15:
        face = face + random.normal(0, random.uniform(2, 8), face.shape).astype(np.float32)
    return face


def blend(canvases, random):
    def one():
        face = canvases[random.integers(len(canvases))].astype(np.float32)
        return face[:, ::-1] if random.random() < 0.5 else face

    kind = random.random()
    a = one()
    if kind < 0.30:
        w = random.uniform(0.2, 0.5)
        a = (1 - w) * a + w * one()
    elif kind < 0.50:
        w = random.uniform(0.1, 0.4)
        a = a + w * (a - cv2.GaussianBlur(one(), (0, 0), 1.5))
    elif kind < 0.75:
        mask = soft_mask(random)
        a = mask * a + (1 - mask) * one()
    elif kind < 0.85:
        w = random.dirichlet((2, 2, 2))
        a = w[0] * a + w[1] * one() + w[2] * one()
    if kind >= 0.85 or random.random() < 0.3:
        a = warped(np.ascontiguousarray(a), random)
    if random.random() < 0.5:
        a = light(a, random)
    return np.clip(a, 0, 255).astype(np.uint8)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--teachers", required=True, type=Path, help="the folder of the packs standard and retail")
    arguments.add_argument("--shards", nargs="+", type=int, required=True)
    options = arguments.parse_args()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    part = [row[3] for row in csv.reader(open(options.work / "index.csv"))]
    trained = [i for i, p in enumerate(part) if p == "train"]
    canvases = np.load(options.work / "canvas.npy", mmap_mode="r")[trained]
    points = np.load(options.work / "points.npy")[trained]
    teachers = Teachers(options.teachers)
    for shard in options.shards:
        random = np.random.default_rng(shard)
        count = len(trained) if shard == 0 else SHARD
        crops, labels = [], []
        for start in range(0, count, 50):
            size = min(50, count - start)
            if shard == 0:
                faces, places = canvases[start : start + size], points[start : start + size]
            else:
                faces, places = [blend(canvases, random) for _ in range(size)], [CANVAS_TEMPLATE] * size
            labels.append(teachers(faces, places, mirrored=shard == 0))
            crops.extend(stored_crop(face) for face in faces)
        for name, values in (("labels", np.concatenate(labels).astype(np.float16)), ("crops", np.stack(crops))):
            temporary = options.work / f".{name}-{shard:03}.npy"
            np.save(temporary, values)
            os.rename(temporary, options.work / f"{name}-{shard:03}.npy")
        print("shard", shard, count, flush=True)


if __name__ == "__main__":
    main()
