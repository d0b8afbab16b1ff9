"""Pictures for the page: made once, kept while there is room, never made when they are known."""

import io
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable

from jaxtyping import Float
from PIL import Image
from torch import Tensor

from directions.edit import Point
from directions.generators.open import Opened
from directions.generators.protocol import Generator
from directions.render import to_frame
from directions.strip import image

MOST_BYTES = 64 * 2**20  # of pictures that are kept
MOST_NETWORKS = 2  # one for each of the truncations used last


class Studio:
    """Generates points along a basis, with networks that are opened when they are needed.

    Pictures are made by one thread at a time; `choose` may be called by several.
    """

    def __init__(
        self, basis: Float[Tensor, "directions latent"], open: Callable[[float | None], Opened]
    ) -> None:
        self.basis, self.open = basis, open
        self.networks: OrderedDict[float | None, Opened] = OrderedDict()
        self.pictures: OrderedDict[Point, bytes] = OrderedDict()
        self.bytes = 0
        self.opening = threading.Lock()

    def network(self, truncation: float | None) -> Opened:
        """The generator with all its classes at a truncation; those used last stay open."""
        with self.opening:
            if truncation not in self.networks:
                self.networks[truncation] = self.open(truncation)
            self.networks.move_to_end(truncation)
            while len(self.networks) > MOST_NETWORKS:
                self.networks.popitem(last=False)
            return self.networks[truncation]

    def choose(self, point: Point) -> Generator:
        """The generator of a point's class and truncation."""
        return self.network(point.truncation).generators[point.label or 0]

    def missing(self, wanted: Iterable[Point]) -> list[Point]:
        """What of the wanted must be generated, each point once and in order."""
        return [point for point in dict.fromkeys(wanted) if point not in self.pictures]

    def png(self, point: Point) -> bytes:
        """One picture as a PNG: the one that is kept, or a new one."""
        if point not in self.pictures:
            self._keep(point, _encoded(image(self.choose(point), self.basis, point)))
        self.pictures.move_to_end(point)
        return self.pictures[point]

    def make(self, points: Iterable[Point], seconds: float) -> int:
        """Make some of the points, one at least, until the time is up; returns how many."""
        ends, made = time.monotonic() + seconds, 0
        for point in points:
            self.png(point)
            made += 1
            if time.monotonic() > ends:
                break
        return made

    def _keep(self, point: Point, png: bytes) -> None:
        self.pictures[point] = png
        self.bytes += len(png)
        while self.bytes > MOST_BYTES and len(self.pictures) > 1:
            self.bytes -= len(self.pictures.popitem(last=False)[1])


def _encoded(made: Float[Tensor, "3 height width"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(to_frame(made[None, None])).save(file, "PNG", compress_level=1)
    return file.getvalue()
