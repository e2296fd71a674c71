"""Makes training pictures: faces of the labelled photographs on varied backgrounds, with where each face is.

A face to train on has state FACE; one that is too small, too hidden, too turned or of which the teacher was not sure has state
IGNORED: the network may say of it what it likes. A face turned by more than 75 degrees is background, as it is to the teacher.
"""
import math

import cv2
import numpy as np

from detector import backgrounds
from detector.scenery import Scenery

FACE, IGNORED = 1, 0
SURE = 0.6
SMALLEST, TINIEST = 11, 6
LEAST_VISIBLE = 0.62


class Mosaics:
    def __init__(self, work, seed):
        labels = np.load(work / "labels.npz")
        self.photos = np.load(work / "photos.npy", mmap_mode="r")
        self.random = np.random.default_rng(seed)
        order = np.argsort(labels["photo"], kind="stable")
        owners = labels["photo"][order]
        starts = np.searchsorted(owners, np.arange(len(self.photos) + 1))
        rows = labels["faces"][order]
        self.faces = [rows[a:b] for a, b in zip(starts[:-1], starts[1:])]
        self.with_face = [i for i, f in enumerate(self.faces) if len(f) and f[:, 0].max() > SURE]
        pictures, hard = backgrounds.load(work), work / "hard.npy"
        weights = np.load(hard) if hard.exists() else np.ones(len(pictures))
        self.scenery = Scenery(self.random, pictures, weights, self.photos, self.faces)

    def make(self, side):
        """A picture, its boxes [n, 4], landmarks [n, 5, 2] and states [n], in continuous coordinates."""
        self.side = side
        self.found = []
        r = self.random.random()
        if r < 0.52:
            self._single()
        elif r < 0.70:
            self._grid()
        elif r < 0.86:
            self._crowd()
        else:
            self.canvas = self.scenery.empty(side)
        picture = self.canvas
        if self.random.random() < 0.12:
            picture = self._padded(picture)
        picture = self.scenery.weather(picture)
        rows = [(b, p, s) for b, p, s in self.found if s is not None]
        if not rows:
            return picture, np.zeros((0, 4), np.float32), np.zeros((0, 5, 2), np.float32), np.zeros(0, np.int64)
        boxes, points, states = zip(*rows)
        return picture, np.array(boxes, np.float32), np.array(points, np.float32), np.array(states)

    # Kinds of picture

    def _single(self):
        self.canvas = self.scenery.background(self.side, self.side)
        size = self._log(36, 420) if self.random.random() < 0.85 else self._log(16, 60)
        x, y = self.random.uniform(0.15, 0.85, 2) * self.side
        if size > 0.7 * self.side:
            x, y = self.random.normal(0.5, 0.1, 2) * self.side
        self._place(x, y, size, self._angle(), (0, 0, self.side, self.side))

    def _grid(self):
        columns, rows = self.random.integers(1, 6, 2) if self.random.random() < 0.5 else [self.random.integers(2, 5)] * 2
        self.canvas = self.scenery.background(self.side, self.side)
        xs = self._cuts(columns)
        ys = self._cuts(rows)
        for left, right in zip(xs[:-1], xs[1:]):
            for top, bottom in zip(ys[:-1], ys[1:]):
                width, height = right - left, bottom - top
                if self.random.random() < 0.2:
                    self.canvas[top:bottom, left:right] = self.scenery.background(height, width)
                    continue
                size = self._log(0.25, 0.9) * min(width, height)
                x = self.random.normal((left + right) / 2, 0.12 * width)
                y = self.random.normal((top + bottom) / 2, 0.12 * height)
                self._place(x, y, size, self._angle(), (left, top, right, bottom))

    def _crowd(self):
        """Heads and shoulders with soft edges over a background, those in front over those behind."""
        self.canvas = self.scenery.background(self.side, self.side)
        typical = self._log(13, 90)
        most = int(np.clip((self.side / typical) ** 2 * 0.25, 2, 14))
        count = int(self.random.integers(1, most + 1))
        spread = 1.0 if self.random.random() < 0.5 else 0.6
        ys = np.sort(self.random.uniform(0.5 - spread / 2, 0.5 + spread / 2, count)) * self.side
        for y in ys:
            x = self.random.uniform(0.02, 0.98) * self.side
            size = typical * math.exp(self.random.normal(0, 0.18))
            reach = self.random.uniform(0.75, 1.6) * size
            rect = (x - reach, y - reach * self.random.uniform(0.8, 1.1), x + reach, y + reach * self.random.uniform(1, 1.8))
            rect = tuple(int(np.clip(v, 0, self.side)) for v in rect)
            if min(rect[2] - rect[0], rect[3] - rect[1]) > 8:
                self._place(x, y, size, self._angle(), rect, soft=self.random.random() < 0.75)
        if self.random.random() < 0.25:
            self.scenery.stamps(self.canvas, int(self.random.integers(1, 3)), self._hide)

    def _padded(self, picture):
        """Black to the right and below, as the product pads to a multiple of 32."""
        right, below = self.random.integers(0, 32, 2)
        picture[:, self.side - right:] = 0
        picture[self.side - below:] = 0
        self._hide(self.side - right, 0, self.side, self.side)
        self._hide(0, self.side - below, self.side, self.side)
        return picture

    # One photograph

    def _place(self, x, y, size, angle, rect, soft=False):
        """Draws a photograph so that one of its faces has that size and centre, within the rectangle."""
        left, top, right, bottom = rect
        i = self.with_face[self.random.integers(len(self.with_face))]
        rows = self.faces[i]
        face = rows[rows[:, 0] > SURE][self.random.integers((rows[:, 0] > SURE).sum())]
        box = face[1:5]
        scale = size / math.sqrt(max(1, (box[2] - box[0]) * (box[3] - box[1])))
        stretch = math.exp(self.random.normal(0, 0.04))
        flip = -1 if self.random.random() < 0.5 else 1
        cos, sin = math.cos(math.radians(angle)) * scale, math.sin(math.radians(angle)) * scale
        linear = np.array([[cos * flip * stretch, -sin / stretch], [sin * flip * stretch, cos / stretch]])
        centre = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])
        shift = np.array([x, y]) - linear @ centre

        photo, shrink = np.asarray(self.photos[i]), 1.0
        if scale < 0.7 and self.random.random() < 0.85:
            side = max(16, round(250 * scale * self.random.uniform(1, 1.3)))
            shrink = side / 250
            photo = cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA)
        into = linear / shrink
        # Continuous to pixel coordinates: a pixel's centre lies at 0.5.
        offset = into @ np.array([0.5, 0.5]) + shift - 0.5 - np.array([left, top])
        matrix = np.hstack([into, offset[:, None]])
        region = self.canvas[top:bottom, left:right]
        shape = (right - left, bottom - top)
        how = cv2.INTER_CUBIC if scale > 1.5 and self.random.random() < 0.5 else cv2.INTER_LINEAR
        if soft:
            drawn = cv2.warpAffine(photo, matrix, shape, flags=how, borderMode=cv2.BORDER_REFLECT_101)
            drawn = self.scenery.shade(drawn)
            mask = self.scenery.soft_mask(shape)
            region[:] = (region + (drawn.astype(np.float32) - region) * mask).astype(np.uint8)
        else:
            region[:] = cv2.warpAffine(photo, matrix, shape, region.copy(), how, cv2.BORDER_TRANSPARENT)
        self._hide(left, top, right, bottom)
        for row in rows:
            self._record(row, linear, shift, angle, flip, scale, rect, soft and not np.array_equal(row, face))

    def _record(self, row, linear, shift, angle, flip, scale, rect, unsure):
        if abs(angle) > 75:
            return
        points = row[5:].reshape(5, 2) @ linear.T + shift
        if flip < 0:
            points = points[[1, 0, 2, 4, 3]]
        box = row[1:5]
        centre = linear @ np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]) + shift
        # The box around a turned face is the one around a turned ellipse.
        half = np.sqrt(((linear * (box[2:] - box[:2]) / 2) ** 2).sum(1))
        new = np.concatenate([centre - half, centre + half])
        size = 2 * math.sqrt(half[0] * half[1])
        visible = _covered(new, rect)
        if size < TINIEST or visible < 0.1:
            return
        sure = row[0] >= SURE and size >= SMALLEST and visible >= LEAST_VISIBLE and abs(angle) <= 50 and not unsure
        self.found.append([new, points, FACE if sure else IGNORED])

    def _hide(self, left, top, right, bottom):
        """Something was drawn over that rectangle."""
        for row in self.found:
            hidden = _covered(row[0], (left, top, right, bottom))
            if hidden > 0.9:
                row[2] = None
            elif hidden > 1 - LEAST_VISIBLE and row[2] is not None:
                row[2] = IGNORED

    # Chance

    def _log(self, low, high):
        return math.exp(self.random.uniform(math.log(low), math.log(high)))

    def _angle(self):
        r = self.random.random()
        if r < 0.70:
            return self.random.normal(0, 10)
        if r < 0.94:
            return self.random.uniform(-45, 45)
        return self.random.choice([90, 180, -90]) + self.random.uniform(-12, 12)

    def _cuts(self, count):
        cuts = np.linspace(0, self.side, count + 1)
        cuts[1:-1] += self.random.uniform(-0.12, 0.12, count - 1) * self.side / count
        return cuts.round().astype(int)


def _covered(box, rect):
    """The share of the box that lies in the rectangle."""
    width = min(box[2], rect[2]) - max(box[0], rect[0])
    height = min(box[3], rect[3]) - max(box[1], rect[1])
    return max(0, width) * max(0, height) / max(1e-6, (box[2] - box[0]) * (box[3] - box[1]))
