"""Edges+Shoes from pairs whose halves are known."""

import numpy as np
import torch
from PIL import Image
from typer.testing import CliRunner

from cli.main import app
from directions.data.packed import Pictures
from directions.data.pairs import edges_and_shoes


def write_pairs(folder, count=10):
    """Pair i has an edge half of grey i and a shoe half of grey 100 + i."""
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        pair = np.full((16, 32, 3), i, np.uint8)
        pair[:, 16:] = 100 + i
        Image.fromarray(pair).save(folder / f"{i}_AB.png")


def levels(folder, seed=0):
    return [int(picture[0, 0, 0]) for picture in edges_and_shoes(folder, seed).read(8)]


def test_every_pair_gives_one_edge_and_one_shoe(tmp_path):
    write_pairs(tmp_path / "train")
    assert sorted(levels(tmp_path)) == [*range(10), *range(100, 110)]


def test_halves_do_not_run_into_one_another(tmp_path):
    write_pairs(tmp_path / "train")
    assert all(len(np.unique(picture)) == 1 for picture in edges_and_shoes(tmp_path, 0).read(8))


def test_the_mixture_follows_from_the_seed(tmp_path):
    write_pairs(tmp_path)
    assert levels(tmp_path, 1) == levels(tmp_path, 1) != levels(tmp_path, 2)
    mixed = [level < 100 for level in levels(tmp_path, 1)]
    assert 2 <= sum(mixed[:10]) <= 8  # neither all edges first nor all shoes


def test_the_command_packs_pairs_and_names_what_is_none(tmp_path):
    write_pairs(tmp_path / "train", 3)
    Image.new("RGB", (30, 16)).save(tmp_path / "train" / "odd.png")
    out = tmp_path / "out.safetensors"
    done = CliRunner().invoke(
        app, ["data", "edges-shoes", str(tmp_path), "--out", str(out), "--size", "8"]
    )
    assert done.exit_code == 0, done.output
    assert "skipped 2 of 8:" in done.stderr
    assert "  odd.png (shoe): no pair: 30 x 16 is not twice as wide as high" in done.stderr
    pictures = Pictures.open(out)
    assert len(pictures) == 6
    found = pictures.batch(torch.arange(6))[:, 0, 0, 0]
    assert sorted(found.tolist()) == [0, 1, 2, 100, 101, 102]
