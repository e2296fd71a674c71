"""Measures an exported detector against the teacher: evaluate.py FILE.onnx [--cache FILE.npz] [--every N] [--half]

Prints, for a row of thresholds: faces found on LFW folds 1 to 3 and in group photographs (of those that the teacher finds),
pictures without a face in which it sees one, and the landmarks' distance from the teacher's by the distance of the eyes, both
from one look of the teacher and from the mean of six looks (label.py).
"""
import argparse
import hashlib
import os
from pathlib import Path

import cv2
import numpy as np
import torch

from detector import faces
from detector import label
import people
from graph import Graph

TEACHER_SURE = 0.85
SHORT_SIDE = 24
SAME = 0.4
LOWEST = 0.2
THRESHOLDS = [0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85]


def samples(kind):
    return sorted((people.FACES / "samples" / kind).iterdir())


def large(found):
    return found[np.min(found[:, 3:5] - found[:, 1:3], 1) >= SHORT_SIDE]


class Looks:
    """A picture's faces at the product's two scales, at any threshold."""

    def __init__(self, graph, picture):
        longest = max(picture.shape[:2])
        self.first = faces.detect_at(graph, picture, min(1, 640 / longest), LOWEST)
        self.second = faces.detect_at(graph, picture, min(0.5, 224 / longest), LOWEST)

    def at(self, threshold):
        first, second = (f[f[:, 0] >= threshold] for f in (self.first, self.second))
        return large(first if len(first) else second)

    def best(self):
        both = large(np.concatenate([self.first, self.second]))
        return both[:, 0].max() if len(both) else 0


def teacher(cache):
    """The teacher's faces: the largest of each LFW photograph from one look and from six, and those of group photographs."""
    if cache and Path(cache).exists():
        return dict(np.load(cache, allow_pickle=True))
    graph, quick = Graph(people.YUNET), Graph(people.YUNET, half=True)
    one, six = [], []
    for path in (people.path(*image) for image in people.test_photographs()):
        picture = cv2.imread(str(path))
        found = faces.detect(graph, picture, TEACHER_SURE)
        one.append(max(found, key=lambda f: (f[3] - f[1]) * (f[4] - f[2])))
        merged = label.merge([(s, label.look(quick, [picture], s, flipped)[0]) for s in label.LOOKS for flipped in (False, True)])
        six.append(merged[faces.overlaps(one[-1][None, 1:5], merged[:, 1:5])[0].argmax()])
    group = [faces.detect(graph, cv2.imread(str(p)), 0.3) for p in samples("group")]
    known = {"one": np.array(one), "six": np.array(six), "group": np.array(group + [None], object)[:-1]}
    if cache:
        np.savez(cache, **known)
    return known


def landmark_error(found, truth):
    a, b = found[5:].reshape(5, 2), truth[5:].reshape(5, 2)
    return np.linalg.norm(a - b, axis=1).mean() / np.linalg.norm(b[0] - b[1])


def match(found, face):
    overlap = faces.overlaps(face[None, 1:5], found[:, 1:5])[0] if len(found) else np.zeros(1)
    return found[overlap.argmax()] if overlap.max() >= SAME else None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file")
    arguments.add_argument("--cache", help="where the teacher's answers are kept between runs")
    arguments.add_argument("--every", type=int, default=1, help="look at every n-th LFW photograph only")
    arguments.add_argument("--half", action="store_true", help="quicker and less exact")
    options = arguments.parse_args()
    known = teacher(options.cache)
    graph = Graph(options.file, half=options.half)
    paths = [people.path(*image) for image in people.test_photographs()[::options.every]]
    lfw = [Looks(graph, cv2.imread(str(p))) for p in paths]
    one, six = known["one"][::options.every], known["six"][::options.every]
    looks = {k: [Looks(graph, cv2.imread(str(p))) for p in samples(k)] for k in ("group", "nonface", "rotated", "single")}

    for t in THRESHOLDS:
        hits = [match(look.at(t), face) for look, face in zip(lfw, one)]
        got = [(landmark_error(h, o), landmark_error(h, s)) for h, o, s in zip(hits, one, six) if h is not None]
        wanted = found = extra = 0
        for look, all_of_it in zip(looks["group"], known["group"]):
            sure = large(all_of_it[all_of_it[:, 0] >= TEACHER_SURE])
            mine = look.at(t)
            wanted += len(sure)
            found += sum(match(mine, face) is not None for face in sure)
            extra += sum(match(all_of_it, face) is None for face in mine)
        nonface = sum(len(look.at(t)) > 0 for look in looks["nonface"])
        turned = [len(look.at(t)) for look in looks["rotated"]]
        single = sum(len(look.at(t)) > 0 for look in looks["single"])
        error = np.mean(got, 0) * 100 if got else (np.nan, np.nan)
        print(f"{t:.2f}: LFW {len(got) / len(paths):.2%} ({len(paths) - len(got)} missed), group {found}/{wanted} = {found / wanted:.1%} "
              f"(+{extra} others), nonface {nonface}/12, rotated r0 {turned[0]} r90 {turned[3]} r180 {turned[1]} r270 {turned[2]}, "
              f"single {single}/5, landmarks {error[0]:.2f} % of one look, {error[1]:.2f} % of six")
    for kind in ("nonface", "rotated", "single"):
        print(kind, " ".join(f"{p.stem} {look.best():.2f}" for p, look in zip(samples(kind), looks[kind])))
    print(f"{os.path.getsize(options.file)} bytes, SHA-256 {hashlib.sha256(Path(options.file).read_bytes()).hexdigest()}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    main()
