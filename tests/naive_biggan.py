"""A hierarchical BigGAN written the plain way, in float64, and state dicts of small ones.

It shares nothing with the package: no folding, one operation after the other, as the network is
described. `python -m tests.naive_biggan FILE` writes the reference file.
"""

import sys

import torch
from safetensors.torch import save_file
from torch.nn import functional

MULTIPLES = {64: [16, 16, 8, 4, 2], 128: [16, 16, 8, 4, 2, 1], 256: [16, 16, 8, 8, 4, 2, 1]}


def images(tensors, z, labels, calibrate=False):
    """Images of a state dict, every slot taking its chunk of z; float64.

    With `calibrate` the norms' statistics are first set to those of this batch.
    """

    def value(name):
        return tensors[name].double()

    def weight(name):
        matrix = value(f"{name}.weight").flatten(1)
        v = value(f"{name}.u0") @ matrix
        v = v / v.norm()
        u = v @ matrix.T
        u = u / u.norm()
        return value(f"{name}.weight") / (v @ matrix.T @ u.T)

    def convolution(x, name, bias=True):
        kernel = weight(name)
        return functional.conv2d(
            x, kernel, value(f"{name}.bias") if bias else None, padding=kernel.shape[-1] // 2
        )

    def normalised(x, name):
        if calibrate:
            tensors[f"{name}.stored_mean"] = x.mean((0, 2, 3)).float()
            tensors[f"{name}.stored_var"] = x.var((0, 2, 3)).float()
        mean, variance = value(f"{name}.stored_mean"), value(f"{name}.stored_var")
        return (x - mean[:, None, None]) / (variance[:, None, None] + 1e-5).sqrt()

    def conditional(x, name, y):
        gain, bias = 1 + y @ weight(f"{name}.gain").T, y @ weight(f"{name}.bias").T
        return normalised(x, name) * gain[:, :, None, None] + bias[:, :, None, None]

    def doubled(x):
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)

    def attended(x, name):
        theta = convolution(x, f"{name}.theta", bias=False).flatten(2)
        phi = functional.max_pool2d(convolution(x, f"{name}.phi", bias=False), 2).flatten(2)
        g = functional.max_pool2d(convolution(x, f"{name}.g", bias=False), 2).flatten(2)
        share = torch.softmax(torch.einsum("bcp,bcq->bpq", theta, phi), dim=-1)
        found = torch.einsum("bcq,bpq->bcp", g, share).unflatten(2, x.shape[2:])
        return x + value(f"{name}.gamma") * convolution(found, f"{name}.o", bias=False)

    z = z.double()
    chunk = tensors["linear.weight"].shape[1]
    embedding = value("shared.weight")[labels]
    x = z[:, :chunk] @ weight("linear").T + value("linear.bias")
    x = x.reshape(len(z), -1, 4, 4)
    number = 0
    while f"blocks.{number}.0.conv1.weight" in tensors:
        name = f"blocks.{number}.0"
        first = chunk * (number + 1)
        y = torch.cat([embedding, z[:, first : first + chunk]], dim=1)
        inner = doubled(torch.relu(conditional(x, f"{name}.bn1", y)))
        inner = convolution(inner, f"{name}.conv1")
        inner = convolution(torch.relu(conditional(inner, f"{name}.bn2", y)), f"{name}.conv2")
        x = inner + convolution(doubled(x), f"{name}.conv_sc")
        if f"blocks.{number}.1.gamma" in tensors:
            x = attended(x, f"blocks.{number}.1")
        number += 1
    x = normalised(x, "output_layer.0") * value("output_layer.0.gain")[:, None, None]
    x = torch.relu(x + value("output_layer.0.bias")[:, None, None])
    return torch.tanh(convolution(x, "output_layer.2"))


def state(resolution=64, width=1, attention=(1,), classes=5, embedding=6, chunk=3, seed=0):
    """Random weights whose pictures have contrast; `sv0` is what training left, and wrong."""
    rng = torch.Generator().manual_seed(seed)
    tensors = {}

    def spectral(name, *shape, bias=True):
        tensors[f"{name}.weight"] = torch.randn(shape, generator=rng)
        if bias:
            tensors[f"{name}.bias"] = 0.1 * torch.randn(shape[0], generator=rng)
        tensors[f"{name}.u0"] = functional.normalize(torch.randn(1, shape[0], generator=rng))
        tensors[f"{name}.sv0"] = torch.tensor([7.0])

    def normal(name, channels, *parts):
        tensors[f"{name}.stored_mean"] = torch.zeros(channels)
        tensors[f"{name}.stored_var"] = torch.ones(channels)
        for part in parts:
            spectral(f"{name}.{part}", channels, embedding + chunk, bias=False)

    sizes = [width * multiple for multiple in MULTIPLES[resolution]]
    tensors["shared.weight"] = torch.randn(classes, embedding, generator=rng)
    spectral("linear", 16 * sizes[0], chunk)
    for number in range(len(sizes) - 1):
        name, before, after = f"blocks.{number}.0", sizes[number], sizes[number + 1]
        spectral(f"{name}.conv1", after, before, 3, 3)
        spectral(f"{name}.conv2", after, after, 3, 3)
        spectral(f"{name}.conv_sc", after, before, 1, 1)
        normal(f"{name}.bn1", before, "gain", "bias")
        normal(f"{name}.bn2", after, "gain", "bias")
        if number in attention:
            name = f"blocks.{number}.1"
            tensors[f"{name}.gamma"] = torch.tensor(0.7)
            spectral(f"{name}.theta", after // 8, after, 1, 1, bias=False)
            spectral(f"{name}.phi", after // 8, after, 1, 1, bias=False)
            spectral(f"{name}.g", after // 2, after, 1, 1, bias=False)
            spectral(f"{name}.o", after, after // 2, 1, 1, bias=False)
    normal("output_layer.0", sizes[-1])
    tensors["output_layer.0.gain"] = 1 + 0.1 * torch.randn(sizes[-1], generator=rng)
    tensors["output_layer.0.bias"] = 0.1 * torch.randn(sizes[-1], generator=rng)
    spectral("output_layer.2", 3, sizes[-1], 3, 3)
    z = torch.randn(8, chunk * len(sizes), generator=rng)
    images(tensors, z, torch.arange(8) % classes, calibrate=True)
    return tensors


def hierarchical(folder, **settings):
    """A folder with the `G_ema.pth` of a small generator like the paper's; its source's name."""
    tensors = state(**{"resolution": 128, "chunk": 20, **settings})
    torch.save(tensors, folder / "G_ema.pth")
    return f"biggan-pytorch:{folder}"


if __name__ == "__main__":
    tensors = state()
    z = torch.randn(2, 15, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([4, 1])
    found = {f"weights.{name}": tensor for name, tensor in tensors.items()}
    pictures = images(tensors, z, labels).float()
    save_file(found | {"z": z, "labels": labels, "images": pictures}, sys.argv[1])
