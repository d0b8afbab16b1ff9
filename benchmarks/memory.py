"""Peak memory of rendering 60 and 600 frames, each in a process of its own.

python benchmarks/memory.py
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def child(frames: int, folder: str) -> None:
    """Render and print this process's peak memory in MiB."""
    from cli.main import app

    path = str(Path(folder) / f"{frames}.mp4")
    arguments = ["render", "random", "--out", path, "--frames", str(frames), "--samples", "2"]
    app([*arguments, "--directions", "0-1"], standalone_mode=False)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"frames": frames, "peak_mib": round(peak, 1)}))


def main() -> None:
    """Print both peaks and their ratio."""
    if len(sys.argv) == 3:
        child(int(sys.argv[1]), sys.argv[2])
        return
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for frames in (60, 600):
            command = [sys.executable, __file__, str(frames), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            peaks.append(json.loads(done.stdout.splitlines()[-1]))
    ratio = peaks[1]["peak_mib"] / peaks[0]["peak_mib"]
    print(json.dumps({"peaks": peaks, "ratio": round(ratio, 3)}))


if __name__ == "__main__":
    main()
