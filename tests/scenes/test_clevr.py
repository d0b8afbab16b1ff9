"""The CLEVR sets: which factors they have, that they stay in view, and what is rendered."""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from cli.main import app
from directions.data.packed import open_pictures
from directions.errors import ScenesError
from directions.scenes.clevr import (
    CLEVR,
    COLOURS,
    COMPLEX,
    ONE_FACTOR,
    SHAPES,
    SIMPLE,
    clevr_factors_of,
    solids_of,
)
from directions.scenes.factors import Choice
from directions.scenes.solids import CUBE, MESHES
from directions.scenes.store import ScenesConfig, load_scenes, render_scenes

EYE, TARGET, VIEW = np.array([0.0, -9.9, 5.6]), np.array([0.0, 0.0, 0.45]), 24.0


def drawn(name, count=1500):
    return np.stack([clevr_factors_of(name, 0, i) for i in range(count)])


def test_the_sets_have_the_papers_factors():
    assert [factor.name for factor in CLEVR[SIMPLE]] == [
        "colour", "shape", "horizontal", "vertical",
    ]  # fmt: skip
    assert [factor.name for factor in CLEVR[ONE_FACTOR]] == ["horizontal"]
    each = ("colour", "shape", "size", "horizontal", "vertical")
    wanted = [f"{side} {what}" for side in ("left", "right") for what in each]
    assert [factor.name for factor in CLEVR[COMPLEX]] == wanted


@pytest.mark.parametrize("name", CLEVR)
def test_factors_are_uniform_independent_and_follow_from_seed_and_number(name):
    many = drawn(name)
    assert np.array_equal(clevr_factors_of(name, 0, 7), many[7])
    assert not np.array_equal(clevr_factors_of(name, 1, 7), many[7])
    for column, factor in zip(many.T, CLEVR[name], strict=True):
        if isinstance(factor, Choice):
            shares = np.bincount(column.astype(int), minlength=len(factor.values)) / len(column)
            assert shares == pytest.approx(np.full(len(shares), 1 / len(shares)), abs=0.04)
        else:
            assert factor.low <= column.min() and column.max() <= factor.high
            assert column.std() == pytest.approx((factor.high - factor.low) / 12**0.5, rel=0.05)
    correlations = np.atleast_2d(np.corrcoef(many.T))
    assert np.abs(correlations - np.eye(len(many.T))).max() < 0.1


def test_factors_are_what_stands_on_the_floor():
    blue, sphere = list(COLOURS).index("blue"), SHAPES.index("sphere")
    (one,) = solids_of(SIMPLE, np.array([blue, sphere, -0.5, 1.5], np.float32))
    assert (one.shape, one.colour) == ("sphere", COLOURS["blue"])
    assert (one.horizontal, one.vertical) == (-0.5, 1.5)
    (one,) = solids_of(ONE_FACTOR, np.array([0.25], np.float32))
    assert (one.shape, one.colour, one.horizontal) == ("cube", COLOURS["red"], 0.25)
    factors = np.array([blue, sphere, 1, -1, 0, 0, 0, 0, 1, 0.5], np.float32)
    left, right = solids_of(COMPLEX, factors)
    assert (left.shape, left.radius, left.horizontal, left.vertical) == ("sphere", 0.6, -1, 0)
    assert (right.shape, right.colour, right.radius) == ("cube", COLOURS["grey"], 0.35)
    assert (right.horizontal, right.vertical) == (1, 0.5)


def in_picture(points):
    """Where points fall, the picture spanning -1 to 1 either way: a pinhole written out."""
    ahead = (TARGET - EYE) / np.linalg.norm(TARGET - EYE)
    right = np.array([1.0, 0.0, 0.0])
    away = points - EYE
    plane = np.stack([away @ right, away @ np.cross(right, ahead)], 1)
    return plane / (away @ ahead)[:, None] / np.tan(np.radians(VIEW / 2))


def meshed(solid):
    """A solid's vertices where it stands."""
    mesh = MESHES[solid.shape]()
    return mesh.vertices * solid.radius + np.array([solid.horizontal, solid.vertical, 0])


def extremes(name):
    """Every combination of the factors' ends and values, colours aside."""
    axes = []
    for factor in CLEVR[name]:
        if isinstance(factor, Choice):
            axes.append(range(1 if "colour" in factor.name else len(factor.values)))
        else:
            axes.append((factor.low, factor.high))
    grid = np.stack([a.ravel() for a in np.meshgrid(*axes, indexing="ij")], 1)
    return [solids_of(name, row.astype(np.float32)) for row in grid]


@pytest.mark.parametrize("name", CLEVR)
def test_objects_stay_in_view(name):
    solids = {solid for scene in extremes(name) for solid in scene}
    for solid in solids:
        assert np.abs(in_picture(meshed(solid))).max() < 0.98, solid


def test_two_objects_never_touch():
    for left, right in extremes(COMPLEX):
        assert meshed(left)[:, 0].max() + 0.05 < meshed(right)[:, 0].min()


@pytest.mark.parametrize(
    ("shape", "volume"), [("cube", (2 * CUBE) ** 3), ("cylinder", 2 * np.pi), ("sphere", 4.18879)]
)
def test_solids_are_closed_and_as_large_as_they_should_be(shape, volume):
    mesh = MESHES[shape]()
    corners = mesh.vertices[mesh.faces]
    outwards = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    enclosed = (corners[:, 0] * outwards).sum() / 6
    assert enclosed == pytest.approx(volume, rel=0.015)  # edges are rounded
    assert (outwards * mesh.normals[mesh.faces].mean(1)).sum(1).min() >= -1e-12
    assert mesh.vertices[:, 2].min() == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1)


@pytest.mark.parametrize("package", ["mitsuba", "pyoidn"])
def test_missing_renderer_is_one_sentence(tmp_path, monkeypatch, package):
    for name in ("mitsuba", "pyoidn"):
        monkeypatch.setitem(sys.modules, name, object())
    monkeypatch.setitem(sys.modules, package, None)
    message = rf"^rendering needs {package}; install it with pip install 'directions\[scenes\]'$"
    with pytest.raises(ScenesError, match=message):
        list(render_scenes(tmp_path / "new", ScenesConfig(name=SIMPLE)))
    assert not (tmp_path / "new").exists()


@pytest.fixture(scope="module")
def studio():
    pytest.importorskip("mitsuba")
    pytest.importorskip("pyoidn")
    from directions.scenes import clevr_studio

    assert (tuple(EYE), tuple(TARGET)) == (clevr_studio.EYE, clevr_studio.TARGET)
    assert clevr_studio.VIEW == VIEW
    return clevr_studio.ClevrStudio


def test_a_picture_is_the_same_whatever_was_rendered_before(studio):
    factors = clevr_factors_of(COMPLEX, 0, 3)
    room = studio(COMPLEX, 32)
    first = room.picture(factors, 5)
    room.picture(clevr_factors_of(COMPLEX, 0, 4), 6)
    assert np.array_equal(first, room.picture(factors, 5))
    assert np.array_equal(first, studio(COMPLEX, 32).picture(factors, 5))


def test_the_object_is_seen_where_it_stands_in_its_colour(studio):
    room = studio(ONE_FACTOR, 32)
    for place in (-1.45, 0.0, 1.45):
        picture = room.picture(np.array([place], np.float32), 0).astype(float)
        red = picture[..., 0] - picture[..., 1:].max(-1) > 40
        seen = (np.nonzero(red)[1].mean() + 0.5) / 16 - 1
        (where,) = in_picture(np.array([[place, 0.0, 0.56]]))
        assert seen == pytest.approx(where[0], abs=0.06)
        corner = picture[-4:, :4].reshape(-1, 3)
        assert np.ptp(corner.mean(0)) < 4 and 110 < corner.mean() < 190  # the floor is grey


def test_the_command_renders_goes_on_and_stores_factors(studio, tmp_path):
    out = tmp_path / "set"
    command = ["scenes", "clevr-simple", "--out", str(out), "--count", "2", "--size", "16"]
    done = CliRunner().invoke(app, [*command, "--workers", "1"])
    assert done.exit_code == 0, done.output
    found = load_scenes(out, SIMPLE)
    assert found.pictures.shape == (2, 16, 16, 3)
    assert np.array_equal(found.factors, drawn(SIMPLE, 2))
    (file,) = out.glob("*.npz")
    written = file.stat().st_mtime_ns
    assert CliRunner().invoke(app, command).exit_code == 0
    assert file.stat().st_mtime_ns == written
    done = CliRunner().invoke(app, [*command, "--seed", "1"])
    assert str(done.exception) == f"{out} holds another set; give another --out"
    pictures = open_pictures(out)
    assert (len(pictures), pictures.side) == (2, 16)
    expected = found.pictures.transpose(0, 3, 1, 2)
    assert np.array_equal(pictures.batch(torch.arange(2)).numpy(), expected)


def test_what_cannot_be_written_is_one_sentence(studio, tmp_path):
    (tmp_path / "clevr-1fov-000000.npz" / "in the way").mkdir(parents=True)
    config = ScenesConfig(name=ONE_FACTOR, count=1, side=16)
    with pytest.raises(ScenesError, match=rf"^cannot write to {tmp_path}: is a directory$"):
        list(render_scenes(tmp_path, config, workers=1))


def test_workers_end_with_a_killed_run(studio, tmp_path):
    command = ["scenes", "clevr-1fov", "--out", str(tmp_path), "--count", "5000", "--size", "16"]
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *command, "--workers", "1"], stderr=subprocess.PIPE
    ) as run:
        deadline = time.monotonic() + 60
        while not list(tmp_path.glob("*.npz")) and time.monotonic() < deadline:
            time.sleep(0.1)
        run.kill()
        run.communicate(timeout=20)  # workers hold the other end for as long as they live
    assert list(tmp_path.glob("*.npz"))
