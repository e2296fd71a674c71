"""From a detector's outputs to faces, as the product decodes them.

A face is a row of 15 numbers: score, left, top, right, bottom, then five landmarks (left eye, right eye, nose, left and right
mouth corner, left and right as in the picture). Everything here is in continuous coordinates, in which the first pixel's centre
lies at 0.5: boxes come so from the network, landmarks are moved by the half pixel.
"""
import cv2
import numpy as np
import torch

STRIDES = (8, 16, 32)
SAME_FACE = 0.3


def pad(picture, multiple=32):
    height, width = picture.shape[:2]
    return cv2.copyMakeBorder(picture, 0, -height % multiple, 0, -width % multiple, cv2.BORDER_CONSTANT)


def to_input(pictures):
    return torch.from_numpy(np.ascontiguousarray(np.stack(pictures).transpose(0, 3, 1, 2))).float()


def read(outputs, width, height, threshold):
    """The faces of every picture of a batch whose padded size is width x height."""
    found = []
    for b in range(outputs["cls_8"].shape[0]):
        rows = [_level({p: outputs[f"{p}_{s}"][b].float().numpy() for p in ("cls", "obj", "bbox", "kps")}, s, width // s, threshold)
                for s in STRIDES]
        found.append(distinct(np.concatenate(rows)))
    return found


def _level(out, stride, columns, threshold):
    score = np.sqrt(out["cls"][:, 0].clip(0, 1) * out["obj"][:, 0].clip(0, 1))
    at = np.nonzero(score >= threshold)[0]
    cell = np.stack([at % columns, at // columns], 1).astype(np.float32)
    box, points = out["bbox"][at], out["kps"][at].reshape(-1, 5, 2)
    centre = (cell + box[:, :2]) * stride
    half = np.exp(box[:, 2:]) * stride / 2
    points = (points + cell[:, None]) * stride + 0.5
    return np.concatenate([score[at, None], centre - half, centre + half, points.reshape(-1, 10)], 1).astype(np.float32)


def overlaps(a, b):
    """IoU of every box of a with every box of b, both as left, top, right, bottom."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.prod((high - low).clip(0), 2)
    area = lambda r: np.prod(r[:, 2:] - r[:, :2], 1)
    return shared / (area(a)[:, None] + area(b)[None] - shared + 1e-9)


def distinct(faces):
    faces = faces[np.argsort(-faces[:, 0], kind="stable")]
    kept = []
    for face in faces:
        if not kept or overlaps(face[None, 1:5], np.array(kept)[:, 1:5]).max() <= SAME_FACE:
            kept.append(face)
    return np.array(kept, np.float32).reshape(-1, 15)


def mirror(faces, width):
    """The same faces in the mirrored picture."""
    out = faces.copy()
    out[:, [1, 3]] = width - faces[:, [3, 1]]
    points = faces[:, 5:].reshape(-1, 5, 2)[:, [1, 0, 2, 4, 3]].copy()
    points[..., 0] = width - points[..., 0]
    out[:, 5:] = points.reshape(-1, 10)
    return out


def scaled(faces, x, y):
    out = faces.copy()
    out[:, 1::2] *= x
    out[:, 2::2] *= y
    return out


def detect_at(graph, picture, scale, threshold):
    height, width = picture.shape[:2]
    w, h = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = picture if (w, h) == (width, height) else cv2.resize(picture, (w, h), interpolation=how)
    padded = pad(small)
    faces = read(graph(to_input([padded])), padded.shape[1], padded.shape[0], threshold)[0]
    return scaled(faces, width / w, height / h)


def detect(graph, picture, threshold, long_side=640, close_up=224):
    """As the product does: shrunk to the long side, and where nothing was found a second look at half the size or less."""
    longest = max(picture.shape[:2])
    faces = detect_at(graph, picture, min(1, long_side / longest), threshold)
    return faces if len(faces) else detect_at(graph, picture, min(0.5, close_up / longest), threshold)
