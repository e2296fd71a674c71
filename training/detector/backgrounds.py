"""Collects pictures without faces: backgrounds.py WORK FOLDER...

Every picture under the folders in which the teacher sees nothing that is like a face is kept, with its transparency if it has
one, in WORK/backgrounds.npz. See README.md for the packages that serve.
"""
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from detector import faces
import people
from graph import Graph

KINDS = {".jpg", ".jpeg", ".png", ".webp", ".rcc"}
LONG_SIDE = {3: 1100, 4: 400}
FACE_LIKE = 0.3


def files(path):
    """The file's bytes; of a Qt resource file (GCompris keeps its pictures in them), those of every picture in it."""
    data = path.read_bytes()
    if path.suffix.lower() != ".rcc":
        yield data
        return
    for start in re.finditer(rb"\xff\xd8\xff|\x89PNG|RIFF....WEBP", data, re.DOTALL):
        size = int.from_bytes(data[max(0, start.start() - 4):start.start()], "big")
        if 1000 < size <= len(data) - start.start():
            yield data[start.start():start.start() + size]


def read(data):
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.dtype != np.uint8 or min(picture.shape[:2]) < 32:
        return None
    if picture.ndim == 2:
        picture = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR)
    if picture.shape[2] == 4 and picture[..., 3].min() > 250:
        picture = picture[..., :3]
    scale = LONG_SIDE[picture.shape[2]] / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture


def has_face(graph, picture):
    if picture.shape[2] == 4:
        alpha = picture[..., 3:] / 255.0
        picture = (picture[..., :3] * alpha + 128 * (1 - alpha)).astype(np.uint8)
    scale = 640 / max(picture.shape[:2])
    return any(len(faces.detect_at(graph, picture, s, FACE_LIKE)) for s in (min(1, scale), min(1, scale) / 2))


def main(work, folders):
    graph = Graph(people.YUNET, half=True)
    kept, seen, names = [], 0, []
    for path in sorted(p for folder in folders for p in Path(folder).rglob("*") if p.suffix.lower() in KINDS):
        for picture in filter(lambda p: p is not None, map(read, files(path))):
            seen += 1
            if not has_face(graph, picture):
                kept.append(np.ascontiguousarray(picture))
                names.append(path.name)
    np.savez(work / "backgrounds.npz", pixels=np.concatenate([p.reshape(-1) for p in kept]),
             shapes=np.array([p.shape for p in kept]), names=np.array(names))
    print(f"kept {len(kept)} of {seen} pictures, {sum(p.shape[2] == 4 for p in kept)} with transparency")


def load(work):
    data = np.load(work / "backgrounds.npz")
    pixels, ends = data["pixels"], np.cumsum(data["shapes"].prod(1))
    return [pixels[end - h * w * c:end].reshape(h, w, c) for end, (h, w, c) in zip(ends, data["shapes"])]


if __name__ == "__main__":
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    main(Path(sys.argv[1]), sys.argv[2:])
