"""Pictures for the page: made once, kept while there is room, never made when they are known."""

import io
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


def missing(wanted: Iterable[Point], known: Iterable[Point]) -> list[Point]:
    """What must be generated, each point once and in the order of the strip."""
    known = set(known)
    return [point for point in dict.fromkeys(wanted) if point not in known]


class Studio:
    """Generates points along a basis, with networks that are opened when they are needed."""

    def __init__(
        self, basis: Float[Tensor, "directions latent"], network: Callable[[float | None], Opened]
    ) -> None:
        self.basis, self.network = basis, network
        self.networks: OrderedDict[float | None, Opened] = OrderedDict()
        self.pictures: OrderedDict[Point, bytes] = OrderedDict()
        self.bytes = 0

    def is_open(self, truncation: float | None) -> bool:
        """Whether pictures at a truncation can be made without opening a network first."""
        return truncation in self.networks

    def choose(self, point: Point) -> Generator:
        """The generator of a point's class and truncation."""
        if point.truncation not in self.networks:
            while len(self.networks) >= MOST_NETWORKS:
                self.networks.popitem(last=False)
            self.networks[point.truncation] = self.network(point.truncation)
        self.networks.move_to_end(point.truncation)
        opened = self.networks[point.truncation]
        return opened.generators[point.label or 0]

    def missing(self, wanted: Iterable[Point]) -> list[Point]:
        """What of the wanted must be generated."""
        return missing(wanted, self.pictures)

    def png(self, point: Point) -> bytes:
        """One picture as a PNG: the one that is kept, or a new one."""
        if point not in self.pictures:
            made = image(self.choose(point), self.basis, point)
            self._keep(point, _encoded(made))
        self.pictures.move_to_end(point)
        return self.pictures[point]

    def _keep(self, point: Point, png: bytes) -> None:
        self.pictures[point] = png
        self.bytes += len(png)
        while self.bytes > MOST_BYTES and len(self.pictures) > 1:
            self.bytes -= len(self.pictures.popitem(last=False)[1])


def _encoded(made: Float[Tensor, "3 height width"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(to_frame(made[None, None])).save(file, "PNG", compress_level=1)
    return file.getvalue()
