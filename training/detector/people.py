"""Which photographs train the detector and which test it: no person of folds 1 to 3 of pairs.txt is in training."""
import os
from pathlib import Path

TEST_FOLDS = 3


def folder():
    return Path(os.environ["ROLLCALL_TEST_FACES"])


def teacher():
    return str(Path(os.environ["ROLLCALL_TEST_MODELS"]) / "standard" / "yunet_n_dynamic.onnx")


def _pairs():
    lines = (folder() / "pairs.txt").read_text().splitlines()
    folds, each = map(int, lines[0].split())
    for row in (line.split("\t") for line in lines[1:1 + TEST_FOLDS * 2 * each]):
        name, numbers = row[0], row[1:]
        if len(row) == 3:
            yield from ((name, int(n)) for n in numbers)
        else:
            yield from ((row[0], int(row[1])), (row[2], int(row[3])))


def test_photographs():
    return sorted({path(name, number) for name, number in _pairs()})


def train_photographs():
    held_out = {name for name, _ in _pairs()}
    return sorted(p for p in (folder() / "lfw").glob("*/*.jpg") if p.parent.name not in held_out)


def path(name, number):
    return folder() / "lfw" / name / f"{name}_{number:04d}.jpg"
