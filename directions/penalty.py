"""The Hessian Penalty (Peebles et al. 2020, arXiv:2008.10599).

    paper   here                  shape
    G(z)    f(x)                  [batch, *out], or a tuple of such
    v       signs                 [probes, batch, dim], entries -1 or +1
    v'Hv    second_differences()  [probes, batch, *out]
    L_H     hessian_penalty()     []

The penalty is small when every output's Hessian in x is diagonal, that is when the coordinates
of x act on the output independently of one another. This module needs torch and nothing else of
the package, so that it can be used inside any training loop.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

Outputs = Tensor | tuple[Tensor, ...] | list[Tensor]
Function = Callable[[Tensor], Outputs]
Reduction = Literal["mean", "max"] | Callable[[Tensor], Tensor]

_UNSTEADY = (nn.modules.batchnorm._BatchNorm, nn.modules.dropout._DropoutNd)


def rademacher_signs(
    x: Float[Tensor, "batch dim"], probes: int, rng: torch.Generator | None = None
) -> Float[Tensor, "probes batch dim"]:
    """Draw `probes` independent vectors of -1 and +1 for every row of `x`.

    Drawn on the device of `rng` (the CPU without one), so that a seed means the same everywhere.
    """
    device = "cpu" if rng is None else rng.device
    bits = torch.randint(0, 2, (probes, *x.shape), generator=rng, device=device)
    return (bits * 2 - 1).to(x)


def second_differences(
    f: Function,
    x: Float[Tensor, "batch dim"],
    signs: Float[Tensor, "probes batch dim"],
    epsilon: float = 0.1,
) -> Outputs:
    """Estimate v'Hv centrally: (f(x + eps v) - 2 f(x) + f(x - eps v)) / eps^2 (Eq. 5).

    `[probes, batch, *out]` for every output of `f`; exact up to cubic `f`, error O(eps^2) beyond.
    """
    centre = _as_tuple(f(x))
    sums = _pair_sums(f, x, signs, epsilon)
    values = tuple((s - 2 * _wide(c)) / epsilon**2 for s, c in zip(sums, centre, strict=True))
    return values[0] if len(values) == 1 else values


def hessian_penalty(
    f: Function,
    x: Float[Tensor, "batch dim"],
    *,
    probes: int = 2,
    epsilon: float = 0.1,
    reduction: Reduction = "max",
    rng: torch.Generator | None = None,
    signs: Float[Tensor, "probes batch dim"] | None = None,
    separately: bool = False,
) -> Tensor | tuple[Tensor, ...]:
    """Estimate the Hessian Penalty of `f` at `x` (Eq. 2 and 5), differentiable.

    The unbiased variance of v'Hv over the probes, reduced over batch and outputs: `max` as in the
    paper's Eq. 3 and Figure 1, `mean` as in its BigGAN experiments, or any callable. Its
    expectation per output is 2 sum_{i != j} H_ij^2 (Theorem 1). With several outputs the reduced
    penalties are summed, or returned as a tuple if `separately`.

    `f` must be deterministic and treat rows independently; see `require_steady`. It is called
    2 * probes times. `signs` replaces the drawn probes. Differences are taken in float32 at
    least. Raises ValueError for fewer than two probes, a step that is not positive, or a module
    in training mode whose answer depends on it.
    """
    if signs is None:
        signs = rademacher_signs(x, probes, rng)
    if len(signs) < 2:
        raise ValueError(f"a variance needs at least 2 probes, got {len(signs)}")
    if not 0 < epsilon < float("inf"):
        raise ValueError(f"epsilon must be positive, got {epsilon}")
    _require_evaluation_mode(f)
    # The centre term 2 f(x) is the same for every probe: it cancels in the variance over
    # probes, so it is not computed.
    sums = _pair_sums(f, x, signs, epsilon)
    reduce = _reductions[reduction] if isinstance(reduction, str) else reduction
    penalties = tuple(reduce(_variance(s / epsilon**2)) for s in sums)
    return penalties if separately else torch.stack(penalties).sum(0)


def require_steady(f: Function, x: Float[Tensor, "batch dim"]) -> None:
    """Check once that `f` may be differenced; two calls on the first row, without gradients.

    Raises ValueError if it is a module in training mode, if two calls differ (dropout, noise
    inputs, a spectral norm that still iterates), or if it returns values that are not finite.
    """
    _require_evaluation_mode(f)
    with torch.no_grad():
        first, second = _as_tuple(f(x[:1])), _as_tuple(f(x[:1]))
    for a, b in zip(first, second, strict=True):
        if a.is_meta:
            continue
        if not torch.isfinite(a).all():
            raise ValueError("the function returns values that are not finite")
        if not torch.equal(a, b):
            raise ValueError(
                "two calls on the same latent differ by "
                f"{(a - b).abs().max().item():.2g}; "
                "switch off dropout, noise inputs and training mode"
            )


_reductions: dict[str, Callable[[Tensor], Tensor]] = {"mean": torch.mean, "max": torch.amax}


def _pair_sums(f: Function, x: Tensor, signs: Tensor, epsilon: float) -> Sequence[Tensor]:
    """f(x + eps v) + f(x - eps v) for every probe: `[probes, batch, *out]` per output."""
    pairs = []
    for v in signs:
        ahead, behind = _as_tuple(f(x + epsilon * v)), _as_tuple(f(x - epsilon * v))
        pairs.append([_wide(a) + _wide(b) for a, b in zip(ahead, behind, strict=True)])
    return [torch.stack(output) for output in zip(*pairs, strict=True)]


def _variance(values: Tensor) -> Tensor:
    """Unbiased variance over the probes; on the CPU many times as fast as torch's own."""
    return (values - values.mean(0)).square().sum(0) / (len(values) - 1)


def _as_tuple(outputs: Outputs) -> Sequence[Tensor]:
    return (outputs,) if isinstance(outputs, Tensor) else tuple(outputs)


def _wide(output: Tensor) -> Tensor:
    """At least float32: in half precision the difference would be rounding noise."""
    return output.to(torch.promote_types(output.dtype, torch.float32))


def _require_evaluation_mode(f: Function) -> None:
    if not isinstance(f, nn.Module):
        return
    for name, module in f.named_modules():
        spectral = any(
            hook.__class__.__name__ == "SpectralNorm" for hook in module._forward_pre_hooks.values()
        )
        if module.training and (spectral or isinstance(module, _UNSTEADY)):
            raise ValueError(
                f"{name or type(module).__name__} is in training mode, so the network answers "
                "differently every time; call .eval() on it first"
            )
