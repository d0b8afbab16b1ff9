"""Files for frames: mp4, gif, webp and png, written as the frames come."""

import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

import imageio.v3 as iio
import numpy as np
from PIL import Image

from directions.errors import RenderError
from directions.files import whole
from directions.render import Frame

T = TypeVar("T")
FRAMES_AHEAD = 8  # generated while the encoder is busy
CODECS = {".mp4": "libx264", ".gif": "gif", ".webp": "libwebp_anim"}
QUALITY = {".mp4": {"crf": "16"}, ".webp": {"quality": "85"}}
PIXELS = {".gif": "pal8"}
MUXING = {
    ".mp4": {"movflags": "+faststart"},  # a page can play it before all of it has arrived
    ".gif": {"loop": "0"},
    ".webp": {"loop": "0"},
}
# A palette of its own for every frame: nothing has to be held back to choose a common one.
GIF_FILTER = (
    {
        "split": ("split", ""),
        "palette": ("palettegen", "stats_mode=single"),
        "use": ("paletteuse", "new=1:dither=bayer:bayer_scale=4"),
    },
    [
        ("video_in", "split", 0, 0),
        ("split", "use", 0, 0),
        ("split", "palette", 1, 0),
        ("palette", "use", 0, 1),
        ("use", "video_out", 0, 0),
    ],
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
    with closing(ahead(frames, FRAMES_AHEAD)) as rest:
        first = next(rest, None)
        if first is None:
            raise RenderError(f"no frames to write to {path}")
        count, size = 0, (first.shape[0], first.shape[1])
        with _told(path, lambda: count), whole(path) as partial, _sink(partial, size, fps) as write:
            write(first)
            count = 1
            for frame in rest:
                write(frame)
                count += 1
        return count


def ahead(items: Iterable[T], limit: int) -> Generator[T, None, None]:
    """Yield items that a thread makes meanwhile, at most `limit` of them in advance.

    What goes wrong in the thread is raised here; closing this stops the thread.
    """
    ready: queue.Queue[tuple[bool, T | BaseException | None]] = queue.Queue(limit)
    closed = threading.Event()

    def put(good: bool, item: T | BaseException | None) -> None:
        while not closed.is_set():
            try:
                return ready.put((good, item), timeout=0.1)
            except queue.Full:
                continue

    def work() -> None:
        try:
            for item in items:
                put(True, item)
                if closed.is_set():
                    return
            put(False, None)
        except BaseException as error:  # of any kind: it belongs to whoever reads
            put(False, error)

    worker = threading.Thread(target=work, name="ahead", daemon=True)
    worker.start()
    try:
        while True:
            good, item = ready.get()
            if good:
                yield item  # pyright: ignore[reportReturnType]
            elif item is None:
                return
            else:
                raise item  # pyright: ignore[reportGeneralTypeIssues]
    finally:
        closed.set()
        worker.join()


def write_png(path: Path, frame: Frame) -> None:
    """Write one picture, whole or not at all."""
    with _told(path, lambda: 1), whole(path) as partial:
        Image.fromarray(frame).save(partial, format="PNG", optimize=True)


@contextmanager
def _sink(path: Path, size: tuple[int, int], fps: int) -> Iterator[Callable[[Frame], None]]:
    """Open a stream of the kind that the suffix asks for, and give what takes its frames."""
    suffix = path.suffix
    options = MUXING[suffix]
    with iio.imopen(path, "w", plugin="pyav", options=options) as file:  # pyright: ignore[reportArgumentType]
        file.init_video_stream(CODECS[suffix], fps=fps, pixel_format=PIXELS.get(suffix, "yuv420p"))
        # The plugin learns the size from the first frame, which is too late for a filter, and has
        # no argument for the encoder's quality: both are set on the stream it has just made.
        stream = file._video_stream
        stream.height, stream.width = size
        stream.options = QUALITY.get(suffix, {})
        if suffix == ".gif":
            file.set_video_filter(filter_graph=GIF_FILTER)
        yield lambda frame: file.write_frame(np.ascontiguousarray(frame))


@contextmanager
def _told(path: Path, rendered: Callable[[], int]) -> Iterator[None]:
    """Turn the system's refusal into a sentence that also says what did happen."""
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RenderError(
            f"{rendered()} frames rendered, but {path} could not be written: {reason}"
        ) from None
