"""Backgrounds without faces, things to paste, and what light, cameras and files do to a picture."""
import math

import cv2
import numpy as np

LONG_SIDE = 720


class Scenery:
    def __init__(self, random, pictures, weights, photos, faces):
        self.random = random
        self.pictures, self.picture_odds = _kind(pictures, weights, 3)
        self.cutouts, self.cutout_odds = _kind(pictures, weights, 4)
        self.photos, self.faces = photos, faces
        self.noise = random.normal(0, 1, (512, 512, 3)).astype(np.float32)

    # Backgrounds

    def empty(self, side):
        """A whole picture without a face."""
        canvas = self.background(side, side)
        if self.random.random() < 0.5:
            n = int(self.random.integers(2, 4))
            for i in range(n):
                for j in range(n):
                    y, x, h = i * side // n, j * side // n, side // n
                    canvas[y:y + h, x:x + h] = self.background(h, h)
        self.stamps(canvas, int(self.random.integers(1, 6)))
        return canvas

    def background(self, height, width):
        r = self.random.random()
        if r < 0.42:
            out = self._crop(self._draw(self.pictures, self.picture_odds), height, width)
        elif r < 0.70:
            out = self._faceless(height, width)
        elif r < 0.78:
            out = self._cutout_close(height, width)
        else:
            out = self._drawn(height, width)
        if self.random.random() < 0.1:
            self._text(out)
        return out

    def _crop(self, picture, height, width):
        full = min(picture.shape[0] / height, picture.shape[1] / width)
        scale = full * math.exp(self.random.uniform(math.log(0.15), 0))
        h, w = max(2, int(height * scale)), max(2, int(width * scale))
        y = self.random.integers(0, picture.shape[0] - h + 1)
        x = self.random.integers(0, picture.shape[1] - w + 1)
        how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
        return self._turned(cv2.resize(picture[y:y + h, x:x + w], (width, height), interpolation=how))

    def _faceless(self, height, width):
        """A part of a photograph that touches none of its faces."""
        for _ in range(6):
            i = self.random.integers(len(self.photos))
            w = int(self.random.integers(40, 130))
            h = int(np.clip(w * height / width, 20, 200))
            x, y = self.random.integers(0, 250 - w), self.random.integers(0, 250 - h)
            b = self.faces[i][:, 1:5]
            apart = (b[:, 2] < x) | (b[:, 0] > x + w) | (b[:, 3] < y) | (b[:, 1] > y + h)
            if apart.all():
                return self._turned(cv2.resize(np.asarray(self.photos[i])[y:y + h, x:x + w], (width, height)))
        return self._drawn(height, width)

    def _cutout_close(self, height, width):
        """An animal or a thing that fills the place."""
        canvas = self._drawn(height, width)
        cutout = self._draw(self.cutouts, self.cutout_odds)
        self._paste(canvas, cutout, self.random.uniform(0.8, 2.2) * max(height, width), width / 2, height / 2)
        return canvas

    def _drawn(self, height, width):
        colours = self.random.integers(0, 256, (2, 3))
        if self.random.random() < 0.5:
            colours[1] = np.clip(colours[0] + self.random.integers(-60, 61, 3), 0, 255)
        r, n = self.random.random(), 48
        if r < 0.3:
            mix = np.full((2, 2), 0.5, np.float32)
        elif r < 0.6:
            a, b, c = self.random.uniform(-1, 1, 3)
            mix = a * np.linspace(0, 1, n, dtype=np.float32)[None] + b * np.linspace(0, 1, n, dtype=np.float32)[:, None] + c
        else:
            mix = self.random.random([int(self.random.integers(2, n))] * 2, np.float32)
        mix = np.clip(mix, 0, 1)[..., None]
        small = (colours[0] * (1 - mix) + colours[1] * mix).astype(np.uint8)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)

    def _text(self, canvas):
        height, width = canvas.shape[:2]
        for _ in range(int(self.random.integers(1, 8))):
            text = "".join(chr(c) for c in self.random.integers(33, 126, int(self.random.integers(2, 14))))
            at = int(self.random.integers(-20, max(1, width))), int(self.random.integers(0, height + 20))
            cv2.putText(canvas, text, at, int(self.random.integers(0, 8)), float(self.random.uniform(0.4, 3)),
                        [int(c) for c in self.random.integers(0, 256, 3)], int(self.random.integers(1, 5)), cv2.LINE_AA)

    def _turned(self, picture):
        if self.random.random() < 0.5:
            picture = picture[:, ::-1]
        if self.random.random() < 0.15:
            picture = picture[::-1]
        return np.ascontiguousarray(picture)

    # Things

    def _draw(self, pictures, odds):
        return pictures[np.searchsorted(odds, self.random.random() * odds[-1])]

    def stamps(self, canvas, count, hide=None):
        side = canvas.shape[0]
        for _ in range(count):
            size = side * math.exp(self.random.uniform(math.log(0.08), math.log(0.9 if hide is None else 0.2)))
            x, y = self.random.uniform(0, side, 2)
            box = self._paste(canvas, self._draw(self.cutouts, self.cutout_odds), size, x, y)
            if hide and box:
                hide(*box)

    def _paste(self, canvas, cutout, size, x, y):
        scale = size / max(cutout.shape[:2])
        small = cv2.resize(cutout, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        if self.random.random() < 0.5:
            small = small[:, ::-1]
        h, w = small.shape[:2]
        left, top = int(x - w / 2), int(y - h / 2)
        x0, y0, x1, y1 = max(0, left), max(0, top), min(canvas.shape[1], left + w), min(canvas.shape[0], top + h)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return None
        part = small[y0 - top:y1 - top, x0 - left:x1 - left].astype(np.float32)
        alpha = part[..., 3:] / 255
        region = canvas[y0:y1, x0:x1]
        region[:] = (region * (1 - alpha) + part[..., :3] * alpha).astype(np.uint8)
        return x0, y0, x1, y1

    def soft_mask(self, shape):
        width, height = shape
        y, x = np.ogrid[-1:1:height * 1j, -1:1:width * 1j]
        power = self.random.uniform(2, 8)
        distance = np.abs(x) ** power + np.abs(y) ** power
        edge = self.random.uniform(0.05, 0.4)
        return np.clip((1 - distance) / edge, 0, 1).astype(np.float32)[..., None]

    # Light, camera, file

    def shade(self, picture):
        gain, lift = self.random.uniform(0.7, 1.25), self.random.uniform(-25, 25)
        return cv2.LUT(picture, np.clip(np.arange(256) * gain + lift, 0, 255).astype(np.uint8))

    def weather(self, picture):
        chance = self.random.random
        if chance() < 0.8:
            steps = np.arange(256) / 255.0
            gamma = math.exp(self.random.normal(0, 0.3))
            gain, lift = math.exp(self.random.normal(-0.03, 0.2)), self.random.normal(0, 0.06)
            if chance() < 0.08:
                gain *= self.random.uniform(0.15, 0.6)
            tint = np.exp(self.random.normal(0, 0.08 if chance() < 0.7 else 0.25, 3))
            curves = [np.clip(steps ** gamma * gain * t + lift, 0, 1) * 255 for t in tint]
            picture = cv2.LUT(picture, np.stack(curves, 1).astype(np.uint8)[None])
        if chance() < 0.12:
            picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        elif chance() < 0.25:
            grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
            amount = self.random.uniform(0.3, 1.8)
            picture = cv2.addWeighted(picture, amount, grey, 1 - amount, 0)
        r = chance()
        if r < 0.10:
            picture = cv2.GaussianBlur(picture, (0, 0), float(self.random.uniform(0.4, 1.8)))
        elif r < 0.30:
            blurred = cv2.GaussianBlur(picture, (0, 0), float(self.random.uniform(0.8, 3)))
            amount = self.random.uniform(0.3, 1.8)
            picture = cv2.addWeighted(picture, 1 + amount, blurred, -amount, 0)
        if chance() < 0.2:
            y, x = self.random.integers(0, 512 - picture.shape[0] + 1), self.random.integers(0, 512 - picture.shape[1] + 1)
            noise = self.noise[y:y + picture.shape[0], x:x + picture.shape[1]] * self.random.uniform(2, 14)
            picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
        if chance() < 0.3:
            quality = int(self.random.integers(25, 95))
            picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
        return picture


def _kind(pictures, weights, channels):
    """The pictures with that many channels, and the running sum of their weights."""
    chosen = [i for i, p in enumerate(pictures) if p.shape[2] == channels]
    return [_shrunk(pictures[i]) for i in chosen], np.cumsum(weights[chosen])


def _shrunk(picture):
    scale = LONG_SIDE / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
