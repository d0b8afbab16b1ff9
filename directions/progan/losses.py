"""WGAN-GP with drift (Gulrajani et al. 2017, Karras et al. 2018), and InfoGAN's reconstruction.

paper                          here
f of Eq. 6 and 7               generator_loss, discriminator_loss
(||grad D(mix)|| - 1)^2        gradient_penalties
||Q(G(z)) - z||^2              code_loss
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

Scores = Float[Tensor, " b"]


def generator_loss(fake_scores: Scores) -> Float[Tensor, ""]:
    """What the generator brings down: the mean of -D(G(z))."""
    return -fake_scores.mean()


def discriminator_loss(
    real_scores: Scores, fake_scores: Scores, penalties: Scores, weight: float, drift: float
) -> Float[Tensor, ""]:
    """What the discriminator brings down; `drift` keeps the scores of real pictures near 0."""
    return (fake_scores - real_scores + weight * penalties + drift * real_scores.square()).mean()


def gradient_penalties(
    discriminator: Callable[[Tensor], Tensor],
    real: Float[Tensor, "b 3 side side"],
    fake: Float[Tensor, "b 3 side side"],
    mix: Float[Tensor, " b"],
    resolution: int,
) -> Scores:
    """Penalise gradients at mixtures whose norm differs from 1, one number a picture.

    `mix` is the share of the generated picture. The norm is that with respect to the picture at
    the full `resolution`, every pixel repeated, as the authors' networks see it at every stage. A
    repeated pixel shares its gradient among f^2 copies, so that norm is the one at hand over
    f = resolution / side.
    """
    mixed = torch.lerp(real, fake, mix[:, None, None, None]).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(mixed).sum(), mixed, create_graph=True)
    norm = gradient.square().sum((1, 2, 3)).add(1e-16).sqrt()
    return (norm * (real.shape[-1] / resolution) - 1).square()


def code_loss(guessed: Float[Tensor, "b codes"], z: Float[Tensor, "b latent"]) -> Float[Tensor, ""]:
    """Compare guesses with the first entries of the latents as they were drawn.

    The generator sees latents normalised, so the loss cannot reach 0; so it is in the authors'
    code, which made Table 1.
    """
    return (guessed - z[:, : guessed.shape[1]]).square().mean()
