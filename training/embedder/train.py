"""Distils the student from the labelled faces of blends.py. Stops and goes on by its checkpoint.

    python3 -m embedder.train WORK --minutes 70

The learning rate follows a cosine over the minutes of training, not over steps, so that a run ends when it should on any
machine. New shards are taken up as they appear. What counts is the average of the weights (decay 0.999); it is judged on the
held-out people only.
"""

import argparse
import math
import os
import queue
import threading
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from embedder.evaluate import Faces, judge
from embedder.network import Student

BATCH = 64
REAL_SHARE = 0.3  # of each batch: photographs; the rest are blends
PAIRS_WEIGHT = 3


def basis_of(labels):
    """384 x 128: the directions that keep most of the photographs' similarities (uncentred principal components)."""
    _, values, directions = np.linalg.svd(labels.astype(np.float32) / math.sqrt(2), full_matrices=False)
    print(f"128 directions keep {(values[:128] ** 2).sum() / (values**2).sum():.4f} of the energy", flush=True)
    return directions[:128].T


class Shards:
    """Every shard there is; batches of jittered crops and their targets."""

    def __init__(self, work):
        self.work, self.parts, self.basis = work, {}, None
        self.refresh()

    def refresh(self):
        for path in sorted(self.work.glob("crops-*.npy")):
            name = path.stem[6:]
            if name not in self.parts:
                labels = np.load(self.work / f"labels-{name}.npy").astype(np.float32)
                if self.basis is None:
                    self.basis = basis_of(labels)
                targets = labels / math.sqrt(2) @ self.basis
                targets /= np.linalg.norm(targets, axis=1, keepdims=True)
                self.parts[name] = (np.load(path, mmap_mode="r"), targets)

    def batch(self, random, progress):
        images, targets = np.empty((BATCH, 112, 112, 3), np.uint8), np.empty((BATCH, 128), np.float32)
        blends = [name for name in self.parts if name != "000"]
        for i in range(BATCH):
            real = not blends or i < BATCH * REAL_SHARE
            crops, labels = self.parts["000" if real else blends[random.integers(len(blends))]]
            at = random.integers(len(crops))
            images[i], targets[i] = jittered(crops[at], random, progress), labels[at]
        x = torch.from_numpy(images).permute(0, 3, 1, 2).float()
        return recoloured(x, random, progress), torch.from_numpy(targets)


def jittered(crop, random, progress):
    """112 of the stored 128 pixels, as if the landmarks had been found a little elsewhere; the mirror image half the time."""
    strength = 1 - 0.6 * progress
    if random.random() < 0.6:
        angle, scale = random.normal(0, 0.03 * strength), math.exp(random.normal(0, 0.025 * strength))
        c, s = scale * math.cos(angle), scale * math.sin(angle)
        dx, dy = 55.5 + random.normal(0, 1.2 * strength, 2)
        face = cv2.warpAffine(
            crop, np.array([[c, -s, dx - 63.5 * (c - s)], [s, c, dy - 63.5 * (s + c)]]), (112, 112),
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    else:
        x, y = random.integers(7, 10, 2)
        face = crop[y : y + 112, x : x + 112]
    return face[:, ::-1] if random.random() < 0.5 else face


def recoloured(x, random, progress):
    """Another exposure, contrast and tint for each picture, grey for some, normalised as the product feeds them."""
    strength = 1 - 0.6 * progress
    n = len(x)
    gain = torch.from_numpy(np.exp(random.normal(0, 0.15 * strength, (n, 1, 1, 1))).astype(np.float32))
    tint = torch.from_numpy(random.normal(0, 5 * strength, (n, 3, 1, 1)).astype(np.float32))
    offset = torch.from_numpy(random.normal(0, 10 * strength, (n, 1, 1, 1)).astype(np.float32))
    grey = torch.from_numpy(random.random(n) < 0.08 * strength)
    x = x * gain + tint + offset
    x[grey] = x[grey].mean(1, keepdim=True)
    return ((x.clamp(0, 255) - 127.5) / 127.5).contiguous(memory_format=torch.channels_last)


def feed(shards, seed, progress, ready):
    random = np.random.default_rng(seed)
    while True:
        ready.put(shards.batch(random, progress[0]))


def loss_of(vectors, targets):
    vectors = F.normalize(vectors)
    direct = 1 - (vectors * targets).sum(1).mean()
    off = ~torch.eye(len(vectors), dtype=torch.bool)
    pairs = (vectors @ vectors.T - targets @ targets.T)[off]
    return direct + PAIRS_WEIGHT * (pairs**2).mean(), direct


def averaged_into(average, model, decay):
    with torch.no_grad():
        for (_, a), (_, b) in zip(average.state_dict().items(), model.state_dict().items()):
            if a.dtype.is_floating_point:
                a.lerp_(b, 1 - decay)
            else:
                a.copy_(b)


def save(path, **values):
    temporary = path.with_suffix(".part")
    torch.save(values, temporary)
    os.replace(temporary, path)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--minutes", type=float, required=True, help="of training, all starts together")
    arguments.add_argument("--name", default="student")
    arguments.add_argument("--rate", type=float, default=2e-3)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(1)
    shards, held_out = Shards(options.work), Faces(options.work, "held-out")
    np.save(options.work / "basis.npy", shards.basis)
    model, average = Student().to(memory_format=torch.channels_last), Student().to(memory_format=torch.channels_last).eval()
    average.load_state_dict(model.state_dict())
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.03}, {"params": others, "weight_decay": 0.0}], lr=options.rate)
    checkpoint = options.work / f"{options.name}.pt"
    step, spent = 0, 0.0
    if checkpoint.exists():
        kept = torch.load(checkpoint)
        model.load_state_dict(kept["model"]), average.load_state_dict(kept["average"]), optimizer.load_state_dict(kept["optimizer"])
        step, spent = kept["step"], kept["spent"]
    first = step
    total, progress, ready = options.minutes * 60, [spent / (options.minutes * 60)], queue.Queue(4)
    threading.Thread(target=feed, args=(shards, 1000 + step, progress, ready), daemon=True).start()
    started, before, judged, running = time.monotonic(), spent, spent, None
    model.train()
    while spent < total:
        x, targets = ready.get()
        warm = min(1, (step + 1) / 300)
        for group in optimizer.param_groups:
            group["lr"] = options.rate * warm * (0.01 + 0.99 * (1 + math.cos(math.pi * progress[0])) / 2)
        with torch.autocast("cpu", torch.bfloat16):
            vectors = model(x)
        loss, direct = loss_of(vectors.float(), targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
        step += 1
        averaged_into(average, model, min(0.999, step / (step + 20)))
        spent = before + time.monotonic() - started
        progress[0] = min(1, spent / total)
        running = direct.item() if running is None else 0.99 * running + 0.01 * direct.item()
        if step % 100 == 0:
            shards.refresh()
        if spent - judged > 240 or spent >= total:
            judged = spent
            save(checkpoint, model=model.state_dict(), average=average.state_dict(), optimizer=optimizer.state_dict(), step=step, spent=spent)
            print(f"{spent / 60:5.1f} min, step {step}, {(step - first) * BATCH / (spent - before):.0f} faces/s, {len(shards.parts)} shards, 1 - cosine {running:.4f}; held-out: {judge(average, held_out)}", flush=True)


if __name__ == "__main__":
    main()
