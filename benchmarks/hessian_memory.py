"""Peak memory of D % and D_R at 128 pixels, each case in a process of its own.

python benchmarks/hessian_memory.py

Networks have random weights: what is held and how long it takes do not depend on them. The whole
of `directions progan measure` is run, its other measures on few latents.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from progan import Noise

from directions.progan.config import GrowthConfig, NetworkConfig, ProGANConfig
from directions.progan.store import save_generator
from directions.progan.trainer import Trainer


class Case(NamedTuple):
    """A network, and at how many latents its Hessians are taken."""

    title: str
    network: NetworkConfig
    samples: int

    def measure(self, folder: Path) -> None:
        """Run the command on fresh weights."""
        from cli.main import app

        last = replace(GrowthConfig(), first_side=self.network.resolution)
        config = ProGANConfig(network=self.network, growth=last)
        save_generator(Trainer(Noise(self.network.resolution), config), folder)
        few = ["--pairs", "8", "--activeness-samples", "2"]
        arguments = ["progan", "measure", str(folder), "--hessian-samples", str(self.samples)]
        app([*arguments, *few], standalone_mode=False)


NARROW = NetworkConfig(width=1024, most_channels=32)  # 16 channels at 128 pixels
CASES = [
    Case("narrow, 12 latent dimensions", NARROW, 10),
    Case("narrow, 12 latent dimensions", NARROW, 100),
    Case("narrow, 128 latent dimensions", replace(NARROW, latent_dim=128), 2),
    Case("the paper's, 12 latent dimensions", NetworkConfig(), 2),
]


def child(number: int, folder: str) -> None:
    """Measure one case and print this process's peak memory in MiB."""
    begun = time.perf_counter()
    CASES[number].measure(Path(folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": time.perf_counter() - begun, "peak_mib": peak}))


def main() -> None:
    """Print one row a case, as soon as it is done."""
    if len(sys.argv) == 3:
        child(int(sys.argv[1]), sys.argv[2])
        return
    print("| network | latents taken | peak, MiB | seconds |\n|---|---|---|---|", flush=True)
    for number, case in enumerate(CASES):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, str(number), folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout.splitlines()[-1])
        values = (case.title, case.samples, f"{found['peak_mib']:.0f}", f"{found['seconds']:.0f}")
        print(f"| {' | '.join(map(str, values))} |", flush=True)


if __name__ == "__main__":
    main()
