"""What a generator is, in words: the part of a directions file that says where it belongs."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Which network, with which weights, bound to which classes at which truncation."""

    generator: str
    weights: str = ""  # SHA-256 of the weights; empty for a generator that has none to show
    labels: tuple[int, ...] = ()
    label_names: tuple[str, ...] = ()
    truncation: float | None = None
    latent_dim: int = 0
    slots: int = 1

    @property
    def name(self) -> str:
        """A name for people, such as "objects-64/mug"."""
        if not self.label_names:
            return self.generator
        few = "+".join(self.label_names[:3])
        return f"{self.generator}/{few if len(self.labels) <= 3 else f'{len(self.labels)} classes'}"
