"""Trains the detector: train.py WORK --steps 4600 [--begin CHECKPOINT] [--name NAME]

WORK/NAME.pt holds everything that is needed to go on; a run that was cut off goes on from it.
"""
import argparse
import copy
import math
import os
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, IterableDataset

from detector.mosaic import Mosaics
from detector.network import Network
from detector.targets import Grid, loss

MOST_FACES = 32


class Pictures(IterableDataset):
    def __init__(self, work, side, batch, seed):
        self.work, self.side, self.batch, self.seed = work, side, batch, seed

    def __iter__(self):
        cv2.setNumThreads(1)
        info = torch.utils.data.get_worker_info()
        mosaics = Mosaics(self.work, self.seed + (info.id if info else 0))
        while True:
            yield collate([mosaics.make(self.side) for _ in range(self.batch)])


def collate(samples):
    n = max(1, min(MOST_FACES, max(len(s[3]) for s in samples)))
    boxes = np.zeros((len(samples), n, 4), np.float32)
    points = np.zeros((len(samples), n, 5, 2), np.float32)
    states = np.full((len(samples), n), -1, np.int64)
    for i, (_, b, p, s) in enumerate(samples):
        # Faces to train on come first where there are too many.
        first = np.argsort(-s, kind="stable")[:n]
        boxes[i, :len(first)], points[i, :len(first)], states[i, :len(first)] = b[first], p[first], s[first]
    pixels = np.ascontiguousarray(np.stack([s[0] for s in samples]).transpose(0, 3, 1, 2))
    return [torch.from_numpy(a) for a in (pixels, boxes, points, states)]


def average(into, network, keep):
    with torch.no_grad():
        for a, b in zip(into.state_dict().values(), network.state_dict().values()):
            a.mul_(keep).add_(b, alpha=1 - keep) if a.is_floating_point() else a.copy_(b)


def save(path, **state):
    torch.save(state, f"{path}.part")
    os.replace(f"{path}.part", path)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("work", type=Path)
    arguments.add_argument("--steps", type=int, default=4600, help="the learning rate falls over so many")
    arguments.add_argument("--name", default="detector")
    arguments.add_argument("--begin", type=Path, help="weights to begin with")
    arguments.add_argument("--rate", type=float, default=3e-3)
    arguments.add_argument("--batch", type=int, default=32)
    arguments.add_argument("--side", type=int, default=320)
    arguments.add_argument("--workers", type=int, default=1)
    options = arguments.parse_args()
    torch.manual_seed(1)

    shape = {}
    network = Network(**shape).to(memory_format=torch.channels_last)
    if options.begin:
        network.load_state_dict(torch.load(options.begin)["average"])
    smooth = copy.deepcopy(network)
    decayed = [p for p in network.parameters() if p.dim() > 1]
    optimizer = torch.optim.AdamW([{"params": decayed}, {"params": [p for p in network.parameters() if p.dim() == 1], "weight_decay": 0}],
                                  lr=options.rate, weight_decay=0.02)
    step = 0
    path = options.work / f"{options.name}.pt"
    if path.exists():
        saved = torch.load(path)
        network.load_state_dict(saved["network"])
        smooth.load_state_dict(saved["average"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]

    grid = Grid(options.side, options.side)
    loader = DataLoader(Pictures(options.work, options.side, options.batch, 1000 + step), batch_size=None, num_workers=options.workers,
                        prefetch_factor=4 if options.workers else 2)
    sums, count, last, waited = {}, 0, time.monotonic(), 0.0
    batches = iter(loader)
    while True:
        done = min(1, step / options.steps)
        if step % 100 == 0 and count or done >= 1:
            took, last = time.monotonic() - last, time.monotonic()
            figures = " ".join(f"{k} {v / max(1, count):.4f}" for k, v in sums.items())
            print(f"step {step}, {count * options.batch / took:.0f} pictures/s, waited {waited / took:.0%}: {figures}", flush=True)
            save(path, network=network.state_dict(), average=smooth.state_dict(), optimizer=optimizer.state_dict(), step=step, shape=shape)
            sums, count, waited = {}, 0, 0.0
        if done >= 1:
            return
        rate = options.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = rate
        before = time.monotonic()
        pixels, truth, points, states = next(batches)
        waited += time.monotonic() - before
        pixels = pixels.float().contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            levels = network.levels(pixels)
        value, parts = loss(grid, levels, truth, points, states)
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10)
        optimizer.step()
        step += 1
        average(smooth, network, min(0.9985, (1 + step) / (30 + step)))
        for k, v in parts.items():
            sums[k] = sums.get(k, 0) + v.item()
        count += 1


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
