"""Which cells answer for which face, and the loss (task-aligned assignment: the cells that already answer best are chosen)."""
import torch
import torch.nn.functional as F

from detector.faces import STRIDES

CHOSEN = 9
TYPICAL = 40  # larger faces weigh more: there are fewer of them in a picture, and each is likely to be the one that counts
RANGE = (1.2, 11.0)  # a face's size in strides; the largest stride has no upper end


class Grid:
    """The cells of all strides, one after the other."""

    def __init__(self, height, width):
        rows = []
        for s in STRIDES:
            y, x = torch.meshgrid(torch.arange(height // s), torch.arange(width // s), indexing="ij")
            rows.append(torch.stack([x.flatten(), y.flatten(), torch.full((x.numel(),), s)], 1))
        cells = torch.cat(rows).float()
        self.xy, self.stride = cells[:, :2], cells[:, 2]
        # A cell's own point is its corner, to which the outputs are relative; its middle is half a cell on.
        self.middle = (self.xy + 0.5) * self.stride[:, None]

    def decode(self, out):
        stride = self.stride[:, None]
        centre = (self.xy + out[..., 2:4]) * stride
        half = torch.exp(out[..., 4:6].clamp(max=5)) * stride / 2
        boxes = torch.cat([centre - half, centre + half], -1)
        points = (out[..., 6:].unflatten(-1, (5, 2)) + self.xy[:, None]) * stride[..., None] + 0.5
        return boxes, points


def iou(a, b):
    shared = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    area = lambda r: (r[..., 2:] - r[..., :2]).clamp(min=0).prod(-1)
    return shared / (area(a) + area(b) - shared + 1e-6)


def distance_iou(a, b):
    """IoU less the distance of the centres, and of width and height, each by what encloses both."""
    span = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    apart = ((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) ** 2).sum(-1) / 4
    sides = ((a[..., 2:] - a[..., :2] - b[..., 2:] + b[..., :2]) ** 2) / (span ** 2 + 1e-6)
    return iou(a, b) - apart / ((span ** 2).sum(-1) + 1e-6) - 0.5 * sides.sum(-1)


@torch.no_grad()
def assign(grid, scores, boxes, truth, states):
    """For a batch: face number of each cell (-1 for none), target of its class score, and whether it is ignored."""
    b, n = states.shape
    size = (truth[..., 2:] - truth[..., :2]).clamp(min=1e-3)
    middle = (truth[..., :2] + truth[..., 2:]) / 2
    off = (grid.middle[None, None] - middle[:, :, None]).abs()
    strides = grid.stride[None, None, :, None]
    near = (off < torch.maximum(0.3 * size[:, :, None], 0.75 * strides)).all(-1)
    relative = size.prod(-1).sqrt()[..., None] / grid.stride
    fits = (relative > RANGE[0]) & ((relative < RANGE[1]) | (grid.stride == STRIDES[-1]))
    fits |= (relative <= RANGE[0]) & (grid.stride == STRIDES[0])
    allowed = near & fits & (states == 1)[..., None]
    overlap = iou(boxes[:, None], truth[:, :, None])
    fit = (scores[:, None].clamp(min=1e-4) * overlap ** 4 + 1e-9) * allowed
    best, at = fit.topk(min(CHOSEN, fit.shape[-1]), dim=-1)
    chosen = torch.zeros_like(fit).scatter_(-1, at, (best > 0).float()) * fit
    strongest, owner = chosen.max(1)
    owner = torch.where(strongest > 0, owner, torch.full_like(owner, -1))
    mine = owner[:, None] == torch.arange(n)[None, :, None]
    fit, overlap = fit * mine, overlap * mine
    top = fit.amax(-1, keepdim=True).clamp(min=1e-9)
    target = (fit / top).sqrt() * overlap.amax(-1, keepdim=True)
    target = (target * mine).amax(1)
    inside = (grid.middle[None, None] > truth[:, :, None, :2]) & (grid.middle[None, None] < truth[:, :, None, 2:])
    ignored = (inside.all(-1) & (states == 0)[..., None]).any(1) & (owner < 0)
    return owner, target, ignored


def focal(logits, target, weight):
    """Quality focal loss: the further from the target, the more it counts."""
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (loss * (logits.sigmoid() - target).abs() ** 2 * weight).sum()


def loss(grid, levels, truth, points, states):
    out = torch.cat([level.float().flatten(2).transpose(1, 2) for level in levels], 1)
    boxes, seen = grid.decode(out)
    scores = (out[..., 0].sigmoid() * out[..., 1].sigmoid()).sqrt().detach()
    owner, target, ignored = assign(grid, scores, boxes.detach(), truth, states)
    positive = owner >= 0
    weight = (~ignored).float()
    which, cell = positive.nonzero(as_tuple=True)
    importance = (truth[..., 2:] - truth[..., :2]).clamp(min=1).prod(-1).pow(0.25).div(TYPICAL ** 0.5).clamp(0.6, 2.2)
    weight[which, cell] = importance[which, owner[which, cell]]
    total = (target * weight).sum().clamp(min=1)
    parts = {
        "cls": focal(out[..., 0], target, weight) / total,
        "obj": focal(out[..., 1], positive.float(), weight) / total,
    }
    if len(which):
        face = owner[which, cell]
        want, strength = truth[which, face], (target[which, cell] + 0.1) * weight[which, cell]
        size = (want[:, 2:] - want[:, :2]).prod(-1).sqrt().clamp(min=8)
        parts["box"] = (strength * (1 - distance_iou(boxes[which, cell], want))).sum() / total
        error = (seen[which, cell] - points[which, face]).abs() / size[:, None, None]
        off = F.smooth_l1_loss(error, torch.zeros_like(error), beta=0.02, reduction="none").mean((1, 2))
        parts["points"] = (strength * off).sum() / total
    else:
        parts["box"] = parts["points"] = out.sum() * 0
    return parts["cls"] + parts["obj"] + 1.5 * parts["box"] + 60 * parts["points"], parts
