"""Judges a student on faces that it was not trained on, cut by the teacher's detector.

    python3 -m embedder.evaluate WORK --part test

The product's own figures, with its own detector, come from its benchmarks; these serve to compare students.
"""

import argparse
import csv
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

import people
from embedder.teachers import arcface_crop


class Faces:
    """Crops of a part of LFW, of the test part only what pairs.txt names in its folds."""

    def __init__(self, work, part):
        rows = list(csv.reader(open(Path(work) / "index.csv")))
        named = set(people.test_photographs()) if part == "test" else None
        chosen = [i for i, row in enumerate(rows) if row[3] == part and (named is None or (row[1], int(row[2])) in named)]
        canvases = np.load(Path(work) / "canvas.npy", mmap_mode="r")
        points = np.load(Path(work) / "points.npy")
        self.images = [(rows[i][1], int(rows[i][2])) for i in chosen]
        self.people = np.unique([rows[i][1] for i in chosen], return_inverse=True)[1]
        self.canvases, self.points = canvases[chosen], points[chosen]
        self.crops = np.stack([arcface_crop(canvases[i], points[i]) for i in chosen])


@torch.no_grad()
def embed(model, crops, mirrored):
    result = []
    for start in range(0, len(crops), 64):
        x = torch.from_numpy(crops[start : start + 64]).permute(0, 3, 1, 2).float()
        x = ((x - 127.5) / 127.5).contiguous(memory_format=torch.channels_last)
        vectors = model(x)
        result.append(F.normalize(vectors + model(x.flip(3)) if mirrored else vectors))
    return torch.cat(result).numpy()


def fnmr_at(vectors, owners, fmr):
    """The share of pairs of one person below the cosine that a share fmr of the pairs of two people reaches, all against all."""
    cosines = (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
    same = (owners[:, None] == owners[None])[np.triu_indices(len(vectors), 1)]
    threshold = np.quantile(cosines[~same], 1 - fmr)
    return float((cosines[same] < threshold).mean()), float(threshold)


def accuracy(vectors, images):
    """Over the pairs of the test folds, each fold judged by the threshold that is best for the others."""
    at = {image: i for i, image in enumerate(images)}
    folds = []
    for fold in people.TEST_FOLDS:
        pairs = people.folds()[fold]
        folds.append((np.array([vectors[at[a]] @ vectors[at[b]] for a, b, _ in pairs]), np.array([same for *_, same in pairs])))
    rates = []
    for i, (cosines, same) in enumerate(folds):
        c = np.concatenate([f[0] for k, f in enumerate(folds) if k != i])
        s = np.concatenate([f[1] for k, f in enumerate(folds) if k != i])
        candidates = np.sort(c)
        best = candidates[np.argmax([((c >= t) == s).mean() for t in candidates])]
        rates.append(((cosines >= best) == same).mean())
    return float(np.mean(rates))


def judge(model, faces):
    model.eval()
    parts = []
    for name, mirrored in (("plain", False), ("mirrored", True)):
        vectors = embed(model, faces.crops, mirrored)
        fnmr, threshold = fnmr_at(vectors, faces.people, 1e-3)
        parts.append(f"{name} FNMR {100 * fnmr:.2f} % at FMR 1e-3 (cosine {threshold:.3f})")
    return ", ".join(parts)


def main():
    from embedder.network import Student

    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--part", choices=["train", "held-out", "test"], default="held-out")
    arguments.add_argument("--name", default="student")
    arguments.add_argument("--teachers", type=Path, help="the folder of the packs standard and retail: prints how far from them the student is")
    options = arguments.parse_args()
    cv2.setNumThreads(1)
    faces = Faces(options.work, options.part)
    model = Student()
    model.load_state_dict(torch.load(options.work / f"{options.name}.pt")["average"])
    print(len(faces.crops), "photographs:", judge(model.to(memory_format=torch.channels_last), faces))
    if options.part == "test":
        for mirrored in (False, True):
            print("mirrored" if mirrored else "plain", f"accuracy {100 * accuracy(embed(model, faces.crops, mirrored), faces.images):.2f} %")
    if options.teachers:
        against_teachers(options, model, faces)


def against_teachers(options, model, faces):
    """How far the student is from its targets on 400 photographs, and what the targets themselves would reach."""
    from embedder.teachers import Teachers

    chosen = range(len(faces.crops)) if options.part == "test" else np.random.default_rng(0).choice(len(faces.crops), 400, replace=False)
    teachers, canvases, points = Teachers(options.teachers), faces.canvases[chosen], faces.points[chosen]
    labels = [teachers(canvases[i : i + 50], points[i : i + 50], mirrored=True) for i in range(0, len(chosen), 50)]
    targets = np.concatenate(labels) / np.sqrt(2) @ np.load(options.work / "basis.npy")
    targets /= np.linalg.norm(targets, axis=1, keepdims=True)
    print(f"1 - cosine to the targets {1 - (embed(model, faces.crops[chosen], True) * targets).sum(1).mean():.3f}")
    if options.part == "test":
        print(f"the targets: FNMR {100 * fnmr_at(targets, faces.people, 1e-3)[0]:.2f} % at FMR 1e-3, accuracy {100 * accuracy(targets, faces.images):.2f} %")


if __name__ == "__main__":
    main()
