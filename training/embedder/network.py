"""The student: a residual network of dense 3 x 3 convolutions, 112 x 112 RGB to 128 numbers.

Dense, because depthwise and 1 x 1 layers run many times slower per operation in training on a CPU.
"""

from torch import nn


def conv(into, out, stride=1):
    return nn.Sequential(nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = conv(width, width), conv(width, width)
        self.act = nn.ReLU(inplace=True)

    def forward(self, x):
        return self.act(x + self.second(self.act(self.first(x))))


class Student(nn.Module):
    """widths: of the stem at 56 px and of the stages at 28, 14 and 7 px; depths: the stages' residual blocks."""

    def __init__(self, widths=(16, 40, 80, 160), depths=(1, 2, 2), dimensions=128):
        super().__init__()
        layers = [*conv(3, widths[0], 2), nn.ReLU(inplace=True)]
        for into, out, depth in zip(widths, widths[1:], depths):
            layers += [*conv(into, out, 2), nn.ReLU(inplace=True), *(Block(out) for _ in range(depth))]
        self.body = nn.Sequential(*layers)
        # A weight for each place and channel, as MobileFaceNet's global depthwise convolution, then the projection.
        self.pool = nn.Conv2d(widths[-1], 2 * widths[-1], 7, groups=widths[-1], bias=False)
        self.norm = nn.BatchNorm2d(2 * widths[-1])
        self.head = nn.Linear(2 * widths[-1], dimensions)

    def forward(self, x):
        return self.head(self.norm(self.pool(self.body(x))).flatten(1))
