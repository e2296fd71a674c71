"""Finds the face of every LFW photograph with the teacher's detector and keeps it in one pose.

Writes, under the work folder, `canvas.npy` (N x SIDE x SIDE x 3, uint8, RGB): ArcFace's template with a margin around it, at
about the resolution of the photographs, from which both teachers' crops and the student's are cut; `points.npy`
(N x 5 x 2): the landmarks there; and `index.csv` (name, person, number, part).
"""

import argparse
import csv
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np

import people

SIDE = 176
SCALE = 1.25  # pixels of the canvas for one of the 112-pixel template
TEMPLATE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)], np.float32
)
MARGIN = (SIDE / SCALE - 112) / 2
CANVAS_TEMPLATE = (TEMPLATE + MARGIN) * SCALE

_net = None


def similarity(source, target):
    """The 2 x 3 matrix of the least-squares similarity transform from source points to target points."""
    n = len(source)
    a = np.zeros((2 * n, 4))
    a[:n, 0], a[:n, 1], a[:n, 2] = source[:, 0], -source[:, 1], 1
    a[n:, 0], a[n:, 1], a[n:, 3] = source[:, 1], source[:, 0], 1
    b = np.concatenate([target[:, 0], target[:, 1]])
    p = np.linalg.lstsq(a, b, rcond=None)[0]
    return np.array([[p[0], -p[1], p[2]], [p[1], p[0], p[3]]])


def detect(image, net, side=320, threshold=0.5):
    """YuNet's faces: rows of score, x, y, width, height and ten landmark numbers, in pixels of the picture."""
    padded = np.zeros((side, side, 3), np.uint8)
    padded[: image.shape[0], : image.shape[1]] = image
    names = [f"{part}_{stride}" for part in ("cls", "obj", "bbox", "kps") for stride in (8, 16, 32)]
    net.setInput(cv2.dnn.blobFromImage(padded))
    out = dict(zip(names, net.forward(names)))
    rows = []
    for stride in (8, 16, 32):
        cls, obj, box, kps = (out[f"{p}_{stride}"].reshape(-1, n) for p, n in (("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10)))
        score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))[:, 0]
        columns = side // stride
        for i in np.nonzero(score >= threshold)[0]:
            r, c = divmod(int(i), columns)
            w, h = np.exp(box[i, 2:]) * stride
            x, y = (c + box[i, 0]) * stride - w / 2, (r + box[i, 1]) * stride - h / 2
            points = (kps[i].reshape(5, 2) + (c, r)) * stride
            rows.append([score[i], x, y, w, h, *points.ravel()])
    rows = np.array(rows, np.float32).reshape(-1, 15)
    kept = cv2.dnn.NMSBoxes(rows[:, 1:5].tolist(), rows[:, 0].tolist(), threshold, 0.3) if len(rows) else []
    return rows[np.array(kept, int).ravel()]


def _start(model):
    global _net
    cv2.setNumThreads(1)
    _net = cv2.dnn.readNet(model)


def _crop(path):
    image = cv2.imread(str(path))
    faces = detect(image, _net)
    if len(faces) == 0:
        return None
    middle = faces[:, 1:3] + faces[:, 3:5] / 2 - (image.shape[1] / 2, image.shape[0] / 2)
    points = faces[np.argmin((middle**2).sum(1)), 5:].reshape(5, 2)
    matrix = similarity(points, CANVAS_TEMPLATE)
    canvas = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return canvas[:, :, ::-1], points @ matrix[:, :2].T + matrix[:, 2]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--detector", required=True, help="YuNet with a fixed input of 320 x 320")
    options = arguments.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    part = people.split()
    paths = sorted((people.FACES / "lfw").glob("*/*.jpg"))
    with Pool(2, _start, (options.detector,)) as pool:
        found = pool.map(_crop, paths, chunksize=64)
    kept = [(path, crop) for path, crop in zip(paths, found) if crop is not None]
    np.save(options.work / "canvas.npy", np.stack([crop[0] for _, crop in kept]))
    np.save(options.work / "points.npy", np.stack([crop[1] for _, crop in kept]).astype(np.float32))
    with open(options.work / "index.csv", "w", newline="") as file:
        rows = csv.writer(file)
        for path, _ in kept:
            rows.writerow([path.stem, path.parent.name, int(path.stem[-4:]), part[path.parent.name]])
    print(len(paths), "photographs,", len(kept), "with a face")


if __name__ == "__main__":
    main()
