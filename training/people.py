"""Who of LFW is trained on, who is held out for the thresholds, and who is tested on.

Test: the people of the first three folds of pairs.txt. Held out: the people of the fourth fold, and of those who have
exactly one photograph and stand in no pair, the eighth part whose name has a CRC-32 divisible by eight. The embedder is trained
on everyone else, the detector on all who are not tested on.
"""

import os
import zlib
from pathlib import Path

FACES = Path(os.environ.get("ROLLCALL_TEST_FACES", "faces"))
YUNET = Path(os.environ.get("ROLLCALL_TEST_MODELS", "models")) / "standard" / "yunet_n_dynamic.onnx"
TEST_FOLDS = (0, 1, 2)
HELD_OUT_FOLD = 3


def folds():
    """The pairs of each fold: ((person, number), (person, number), whether they are one person)."""
    lines = (FACES / "pairs.txt").read_text().splitlines()
    count, half = map(int, lines[0].split())
    rows = [line.split() for line in lines[1:]]
    assert len(rows) == count * half * 2
    result = []
    for fold in range(count):
        pairs = []
        for row in rows[fold * half * 2 : (fold + 1) * half * 2]:
            if len(row) == 3:
                pairs.append(((row[0], int(row[1])), (row[0], int(row[2])), True))
            else:
                pairs.append(((row[0], int(row[1])), (row[2], int(row[3])), False))
        result.append(pairs)
    return result


def split():
    """Maps each person's folder name to 'test', 'held-out' or 'train'."""
    of_fold = [{person for pair in fold for person, _ in pair[:2]} for fold in folds()]
    test = set().union(*(of_fold[i] for i in TEST_FOLDS))
    paired = set().union(*of_fold)
    result = {}
    for folder in sorted((FACES / "lfw").iterdir()):
        name = folder.name
        single = name not in paired and len(list(folder.glob("*.jpg"))) == 1
        if name in test:
            result[name] = "test"
        elif name in of_fold[HELD_OUT_FOLD] or (single and zlib.crc32(name.encode()) % 8 == 0):
            result[name] = "held-out"
        else:
            result[name] = "train"
    return result


def test_photographs():
    """The photographs named in the pairs of the test folds, as (person, number), sorted."""
    named = folds()
    return sorted({image for i in TEST_FOLDS for pair in named[i] for image in pair[:2]})


def path(person, number):
    return FACES / "lfw" / person / f"{person}_{number:04}.jpg"


def photographs(*parts):
    """The files of everyone in these parts, sorted."""
    part = split()
    return sorted(file for file in (FACES / "lfw").glob("*/*.jpg") if part[file.parent.name] in parts)
