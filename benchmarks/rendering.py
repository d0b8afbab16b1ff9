"""Frames a second of a video, against the stock library writing one image at a time.

python benchmarks/rendering.py [FRAMES]
"""

import sys
import tempfile
from pathlib import Path

import imageio.v3 as iio
import torch
from step import LABEL, embedded, interleaved

from cli.main import app

SAMPLES, ROWS = 4, 2


def ours(folder: Path, frames: int) -> None:
    """What `directions render` does, with labels and a grid."""
    arguments = ["render", "random", "--class", str(LABEL), "--out", str(folder / "ours.mp4")]
    arguments += ["--frames", str(frames), "--samples", str(SAMPLES), "--overwrite"]
    app([*arguments, "--directions", f"0-{ROWS - 1}"], standalone_mode=False)


@torch.no_grad()
def stock(folder: Path, frames: int) -> None:
    """The same number of images, each generated and written by itself, as scripts do."""
    network = embedded()
    label = torch.eye(network.config.num_classes)[[LABEL]]
    path = folder / "stock.mp4"
    with iio.imopen(path, "w", plugin="pyav") as file:
        file.init_video_stream("libx264", fps=30)
        z, way = torch.randn(SAMPLES * ROWS, 1, 12), torch.randn(12)
        for frame in range(frames):
            rows = []
            for one in z:
                image = network(one + way * frame / frames, label, 1.0)[0]
                rows.append(((image + 1) * 127.5).clamp(0, 255).byte().permute(1, 2, 0))
            file.write_frame(torch.cat(rows, dim=1).numpy())


def main() -> None:
    """Print frames a second of both and their ratio."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = interleaved(
            {"stock": lambda: stock(folder, frames), "ours": lambda: ours(folder, frames)}
        )
    for kind, value in seconds.items():
        print(f"{kind}: {frames / value:.1f} frames/s of {SAMPLES * ROWS} images")
    print(f"ratio {seconds['stock'] / seconds['ours']:.2f}")


if __name__ == "__main__":
    main()
