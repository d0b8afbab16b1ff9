"""Files for frames: mp4, gif, webp and png, written as the frames come."""

from collections.abc import Iterable
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.filter
import numpy as np
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from directions.errors import RenderError
from directions.files import whole
from directions.render import Frame

CODECS = {".mp4": "libx264", ".gif": "gif", ".webp": "libwebp_anim"}
OPTIONS = {
    ".mp4": {"crf": "16", "preset": "medium", "movflags": "+faststart"},
    ".webp": {"quality": "85", "loop": "0"},
}
CONTAINERS = {".gif": {"loop": "0"}, ".webp": {"loop": "0"}}
# A palette of its own for every frame: nothing has to be held back to choose a common one.
GIF_FILTER = (
    ("split", ""),
    ("palettegen", "stats_mode=single"),
    ("paletteuse", "new=1:dither=bayer:bayer_scale=4"),
)


def require_video(path: Path) -> None:
    """Refuse a name whose suffix is no video we write."""
    if path.suffix not in CODECS:
        raise RenderError(
            f"cannot write '{path.suffix or path.name}' as a video; use {', '.join(CODECS)}"
        )


def write_video(path: Path, frames: Iterable[Frame], fps: int) -> int:
    """Encode frames one by one and return their number; the file is whole or not there.

    Raises `RenderError` for no frames, an unknown suffix, or a target that cannot be written.
    """
    require_video(path)
    count = 0
    with _told(path, lambda: count), whole(path) as partial:
        options = CONTAINERS.get(path.suffix, {})
        with av.open(str(partial), "w", format=path.suffix[1:], options=options) as container:
            writer = None
            for frame in frames:
                if writer is None:
                    writer = _Writer(container, path.suffix, frame.shape, fps)
                writer.write(frame, count)
                count += 1
            if writer is None:
                raise RenderError(f"no frames to write to {path}")
            writer.finish()
    return count


def write_png(path: Path, frame: Frame) -> None:
    """Write one picture, whole or not at all."""
    with _told(path, lambda: 1), whole(path) as partial:
        Image.fromarray(frame).save(partial, format="PNG", optimize=True)


class _Writer:
    """One stream of one container, with the palette filter in between for gif."""

    def __init__(
        self, container: OutputContainer, suffix: str, shape: tuple[int, ...], fps: int
    ) -> None:
        self.container = container
        self.rate = Fraction(fps)
        stream = container.add_stream(
            CODECS[suffix], rate=self.rate, options=OPTIONS.get(suffix, {})
        )
        assert isinstance(stream, VideoStream)
        self.stream = stream
        self.stream.height, self.stream.width = shape[:2]
        self.stream.pix_fmt = "pal8" if suffix == ".gif" else "yuv420p"
        self.graph = _palette_graph(shape, self.rate) if suffix == ".gif" else None

    def write(self, frame: Frame, index: int) -> None:
        picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")
        picture.pts, picture.time_base = index, 1 / self.rate
        if self.graph is not None:
            self.graph.vpush(picture)
            picture = self.graph.vpull()
        self.container.mux(self.stream.encode(picture))

    def finish(self) -> None:
        self.container.mux(self.stream.encode())


def _palette_graph(shape: tuple[int, ...], rate: Fraction) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=shape[1], height=shape[0], format=av.VideoFormat("rgb24"), time_base=1 / rate
    )
    split, palette, use = (graph.add(name, args) for name, args in GIF_FILTER)
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph


@contextmanager
def _told(path: Path, rendered):
    """Turn the system's refusal into a sentence that also says what did happen."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RenderError(
            f"{rendered()} frames rendered, but {path} could not be written: {reason}"
        ) from None
