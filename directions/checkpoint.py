"""A learnt basis on disk: one safetensors file that knows where it came from. Free of torch."""

import dataclasses
import json
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from directions.errors import DirectionsFileError, GeneratorMismatch
from directions.files import whole
from directions.identity import Identity

FORMAT = "directions/1"
ORTHONORMAL = 1e-4  # largest departure of QQ' from the identity that float32 files may show
_LIBRARIES = ("torch", "numpy", "pytorch-pretrained-biggan", "directions")


@dataclass(frozen=True, kw_only=True)
class Directions:
    """Unit rows in z-space, and what is needed to use and to reproduce them."""

    basis: Float[np.ndarray, "directions latent"]
    identity: Identity
    slots: tuple[int, int] | None = None  # first and last slot that was edited; None for all
    reach: float = 5.0  # how far the walks of learning went, in units of z
    step: int = 0
    settings: dict[str, object] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)  # held-out penalties by name of basis
    reproducibility: list[float] = field(default_factory=list)  # |cosine| between halves, by row
    versions: dict[str, str] = field(default_factory=dict)
    note: str = ""
    names: dict[int, str] = field(default_factory=dict)  # what people call a row
    notes: dict[int, str] = field(default_factory=dict)  # and what they say of it

    def save(self, path: Path) -> None:
        """Write the whole file or none; `versions` are filled in where there are none yet."""
        plain = dataclasses.asdict(self) | {"versions": self.versions or _versions()}
        basis = np.ascontiguousarray(plain.pop("basis"), dtype=np.float32)
        with whole(path) as partial:
            save_file(
                {"basis": basis}, partial, {"format": FORMAT, "directions": json.dumps(plain)}
            )

    @classmethod
    def load(cls, path: Path) -> "Directions":
        """Read a file; raises `DirectionsFileError` in a sentence for anything else."""
        if not path.is_file():
            raise DirectionsFileError(
                f"no directions file at {path}; `directions learn` writes one"
            )
        try:
            with safe_open(path, framework="np") as file:
                header = file.metadata() or {}
                if header.get("format") != FORMAT:
                    raise DirectionsFileError(
                        f"{path} is no directions file: its format is "
                        f"{header.get('format', 'not stated')}, not {FORMAT}"
                    )
                plain = json.loads(header["directions"])
                basis = file.get_tensor("basis")
        except (SafetensorError, OSError, KeyError, ValueError) as error:
            raise DirectionsFileError(f"{path} is damaged: {error}") from None
        return cls._checked(basis, plain, path)

    @classmethod
    def _checked(cls, basis: np.ndarray, plain: dict, path: Path) -> "Directions":
        if basis.ndim != 2 or not 1 <= basis.shape[0] <= basis.shape[1]:
            raise DirectionsFileError(f"{path}: a basis cannot have shape {basis.shape}")
        if not np.isfinite(basis).all():
            raise DirectionsFileError(f"{path}: the basis holds values that are not finite")
        error = np.abs(basis @ basis.T - np.eye(len(basis))).max()
        if error > ORTHONORMAL:
            raise DirectionsFileError(
                f"{path}: rows are not orthonormal (off by {error:.2g}); "
                "`directions import` reads raw matrices"
            )
        try:
            identity = plain.pop("identity")
            identity = identity | {k: tuple(identity[k]) for k in ("labels", "label_names")}
            slots = plain.pop("slots")
            for name in ("names", "notes"):
                plain[name] = {int(row): text for row, text in plain.get(name, {}).items()}
            return cls(
                basis=basis,
                identity=Identity(**identity),
                slots=None if slots is None else (slots[0], slots[1]),
                **plain,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise DirectionsFileError(f"{path} is damaged: {error}") from None

    def called(self, row: int) -> str:
        """What stands beside a row: its number, and its name if it has one."""
        return f"{row} {self.names[row]}" if row in self.names else str(row)

    @property
    def slot_range(self) -> range | None:
        """The slots that are edited, or None for all."""
        return None if self.slots is None else range(self.slots[0], self.slots[1] + 1)

    def require_match(self, identity: Identity, path: Path) -> None:
        """Refuse to be used with another network than the one the directions belong to."""
        mine, theirs = self.identity, identity
        # A generator without weights to show is known by its name alone.
        same = mine.weights == theirs.weights and (
            mine.weights or mine.generator == theirs.generator
        )
        if mine.latent_dim != theirs.latent_dim or not same:
            what = f"{mine.generator} (weights {mine.weights[:8] or 'unknown'})"
            other = f"{theirs.generator} (weights {theirs.weights[:8] or 'unknown'})"
            raise GeneratorMismatch(
                f"{path} was learnt on {what}, not {other}; pass --generator {mine.generator}"
            )


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
