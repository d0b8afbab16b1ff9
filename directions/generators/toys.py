"""Small generators whose answers are known on paper. No weights, no download, no GPU."""

import torch
from jaxtyping import Float
from torch import Tensor


class Waves:
    """Every pixel is a weighted sum of sines, one along each row of a hidden rotation.

    Its Hessian is diagonal in one basis only, `hidden`, so learning must find that basis.
    """

    name = "waves"
    slots = 1

    def __init__(self, latent_dim: int = 4, side: int = 4) -> None:
        rng = torch.Generator().manual_seed(7)
        self.latent_dim = latent_dim
        self.side = side
        self.hidden = torch.linalg.qr(torch.randn(latent_dim, latent_dim, generator=rng))[0]
        self.weights = torch.randn(3 * side * side, latent_dim, generator=rng) / latent_dim

    def sample_latents(self, count: int, rng: torch.Generator) -> Float[Tensor, "count latent"]:
        """Draw from N(0, I)."""
        return torch.randn(count, self.latent_dim, generator=rng)

    def __call__(self, z: Float[Tensor, "batch ..."]) -> Float[Tensor, "batch 3 side side"]:
        """Generate one image per row of `z`."""
        waves = (z.flatten(1) @ self.hidden.T.to(z)).sin()  # [batch, latent]
        return (waves @ self.weights.T.to(z)).unflatten(1, (3, self.side, self.side))
