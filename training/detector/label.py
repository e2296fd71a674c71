"""Labels the training photographs with the teacher: label.py WORK

Writes WORK/photos.npy (every photograph's pixels) and WORK/labels.npz (a row for each face, with the photograph's number).
Each photograph is looked at as it is and enlarged twice, both also mirrored: the enlarged look finds bystanders, and the
mean of the looks has steadier landmarks than any one of them.
"""
import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from detector import faces
import people
from graph import Graph

LOWEST = 0.25
SIDE = 250
LOOKS = (1.0, 1.28, 2.0)
TRUSTED = {1.0: (0, 1000), 1.28: (0, 300), 2.0: (0, 110)}  # face sizes in the photograph for which a look's landmarks count
BATCH = 8


def look(graph, pictures, scale, flipped):
    side = round(SIDE * scale)
    seen = [cv2.resize(p, (side, side), interpolation=cv2.INTER_LINEAR) if side != SIDE else p for p in pictures]
    seen = [faces.pad(p[:, ::-1] if flipped else p) for p in seen]
    found = faces.read(graph(faces.to_input(seen)), seen[0].shape[1], seen[0].shape[0], LOWEST)
    found = [faces.mirror(f, side) if flipped else f for f in found]
    return [faces.scaled(f, SIDE / side, SIDE / side) for f in found]


def merge(looks):
    """Of (scale, faces) the distinct ones, each the mean of all looks that saw it."""
    rows = np.concatenate([f for _, f in looks])
    scale_of = np.concatenate([np.full(len(f), s) for s, f in looks])
    merged = []
    for best in faces.distinct(rows):
        same = faces.overlaps(best[None, 1:5], rows[:, 1:5])[0] > 0.5
        size = np.sqrt(np.prod(best[3:5] - best[1:3]))
        usable = np.array([TRUSTED[s][0] <= size < TRUSTED[s][1] for s in scale_of])
        group = rows[same & usable & (rows[:, 0] > best[0] - 0.15)]
        mean = best.copy()
        if len(group):
            mean[1:] = np.average(group[:, 1:], axis=0, weights=group[:, 0])
        mean[0] = best[0]
        merged.append(mean)
    return np.array(merged, np.float32).reshape(-1, 15)


def main(work):
    graph = Graph(people.YUNET, half=True)
    paths = people.photographs("train", "held-out")
    pixels = np.lib.format.open_memmap(work / "photos.npy", "w+", np.uint8, (len(paths), SIDE, SIDE, 3))
    rows, owner = [], []
    for start in range(0, len(paths), BATCH):
        pictures = [cv2.imread(str(p)) for p in paths[start:start + BATCH]]
        pixels[start:start + len(pictures)] = pictures
        seen = [(s, look(graph, pictures, s, flipped)) for s in LOOKS for flipped in (False, True)]
        for i in range(len(pictures)):
            found = merge([(s, each[i]) for s, each in seen])
            rows.append(found)
            owner += [start + i] * len(found)
        if start // BATCH % 50 == 0:
            print(f"{start}/{len(paths)} photographs, {len(owner)} faces", flush=True)
    np.savez(work / "labels.npz", faces=np.concatenate(rows), photo=np.array(owner), paths=np.array([p.name for p in paths]))


if __name__ == "__main__":
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    main(Path(sys.argv[1]))
