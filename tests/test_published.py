"""Matrices in the formats and under the names that others publish, made here: not the originals."""

import numpy as np
import pytest
import torch

from directions.basis import orthonormal_rows, random_basis
from directions.checkpoint import Directions
from directions.config import SubSpace
from directions.errors import DirectionsFileError, GeneratorError, LabelError
from directions.matrices import imported_basis, read_matrix
from directions.published import PUBLISHED, named_space
from tests import naive_biggan
from tests.commands import invoke

RAW = ("our_goldens", "our_church", "our_goldens_coarse", "our_goldens_mid", "our_goldens_fine")


def gram_schmidt(matrix):
    """The published code's way: project out the rows before, in order, and normalise at the end."""
    rows = []
    for row in matrix.double():
        for other in rows:
            row = row - (row @ other) / (other @ other) * other
        rows.append(row)
    return torch.stack([row / row.norm() for row in rows])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """All six, and a generator of a thousand classes that they fit."""
    folder = tmp_path_factory.mktemp("published")
    rng = torch.Generator().manual_seed(0)
    (folder / "matrices").mkdir()
    for name in RAW:
        size = PUBLISHED[name].rows
        matrix = torch.nn.init.kaiming_normal_(torch.empty(size, size), generator=rng) * 10
        zipped = "_" in name.removeprefix("our_")
        path = folder / "matrices" / f"{name}.pt"
        torch.save(matrix, path, _use_new_zipfile_serialization=zipped)
    torch.save(random_basis(120, 120, rng), folder / "matrices" / "voynov.pt")
    naive_biggan.hierarchical(folder, classes=1000, attention=())
    return folder


@pytest.fixture(scope="module")
def imported(folder):
    done = invoke("import", folder / "matrices", "--generator", f"biggan-pytorch:{folder}",
                  "--out", folder / "out")  # fmt: skip
    assert done.exit_code == 0, done.output
    lines = done.stdout.split()
    assert lines == [str(folder / "out" / f"{name}.safetensors") for name in sorted(PUBLISHED)]
    return {name: Directions.load(folder / "out" / f"{name}.safetensors") for name in PUBLISHED}


def test_rows_are_those_of_the_published_gram_schmidt(folder, imported):
    for name in RAW:
        expected = gram_schmidt(torch.load(folder / "matrices" / f"{name}.pt")).float()
        found = torch.from_numpy(imported[name].basis)
        first = {"coarse": 0, "mid": 40, "fine": 80}.get(name.rpartition("_")[2], 0)
        inside = found[:, first : first + len(expected)]
        torch.testing.assert_close(inside, expected, rtol=0, atol=2e-6)
        assert found.square().sum().item() == pytest.approx(len(expected), rel=1e-5)


def test_an_orthonormal_matrix_stays_what_it_is(folder, imported):
    expected = torch.load(folder / "matrices" / "voynov.pt").numpy()
    assert abs(imported["voynov"].basis - expected).max() < 1e-6
    assert imported["voynov"].note == (
        "imported from voynov.pt; Gram-Schmidt turned rows by up to 0 degrees"
    )


def test_published_names_classes_reaches_and_places(imported):
    told = {name: (d.identity.labels, d.reach, d.slots) for name, d in imported.items()}
    assert told == {
        "our_goldens": ((207,), 2.5, None),
        "our_goldens_coarse": ((207,), 2.5, (0, 1)),
        "our_goldens_mid": ((207,), 3.5, (2, 3)),
        "our_goldens_fine": ((207,), 6.0, (4, 5)),
        "our_church": ((497,), 3.5, None),
        "voynov": ((0,), 8.0, None),
    }
    assert imported["our_goldens"].names == {5: "rotation", 6: "zoom", 8: "smoosh nose"}
    assert imported["our_church"].names[4] == "rotation"
    assert sorted(imported["our_goldens_mid"].names) == [0, 5, 8, 25]
    assert sorted(imported["our_goldens_fine"].names) == [1, 5, 13, 20]
    assert imported["our_goldens_coarse"].names == imported["voynov"].names == {}


def test_another_class_and_space_than_the_name_says(folder, tmp_path):
    done = invoke("import", folder / "matrices/our_goldens_mid.pt", "--space", "coarse",
                  "--generator", f"biggan-pytorch:{folder}", "--class", "3",
                  "--out", tmp_path / "a")  # fmt: skip
    assert done.exit_code == 0, done.output
    found = Directions.load(tmp_path / "a")
    assert found.slots == (0, 1) and found.identity.labels == (3,)
    assert abs(found.basis[:, 40:]).max() == 0


def test_a_class_that_the_generator_does_not_have(folder, tmp_path):
    source = naive_biggan.hierarchical(tmp_path)
    done = invoke("import", folder / "matrices/our_church.pt", "--generator", source,
                  "--out", tmp_path / "a")  # fmt: skip
    assert isinstance(done.exception, LabelError) and not (tmp_path / "a").exists()
    assert str(done.exception).startswith("class 497 is out of range for ")


def test_a_name_is_not_enough(tmp_path):
    torch.save(torch.randn(12, 12), tmp_path / "voynov.pt")
    done = invoke("import", tmp_path / "voynov.pt", "--out", tmp_path / "a")
    assert done.exit_code == 0 and Directions.load(tmp_path / "a").reach == 5.0


@pytest.mark.parametrize(
    ("name", "space"),
    [("our_goldens_mid.pt", "mid"), ("mine-fine.npy", "fine"), ("finest.pt", None), ("a.pt", None)],
)
def test_spaces_by_name(tmp_path, name, space):
    assert named_space(tmp_path / name) == space


def test_a_third_for_a_generator_without_chunks(folder, tmp_path):
    done = invoke("import", folder / "matrices/our_goldens_fine.pt", "--class", "mug",
                  "--out", tmp_path / "a")  # fmt: skip
    assert isinstance(done.exception, GeneratorError) and not (tmp_path / "a").exists()
    assert str(done.exception).startswith("objects-64/mug has no fine sub-space: z enters it whole")


def test_a_third_has_forty_columns():
    told = r"^--space is for a 40-column matrix and 120 dimensions, not for 20 and 120$"
    with pytest.raises(DirectionsFileError, match=told):
        imported_basis(torch.randn(20, 20), 120, SubSpace.mid)


def test_components_of_ganspace(tmp_path):
    components = torch.nn.functional.normalize(torch.randn(5, 12) + 0.3).numpy()
    np.savez_compressed(
        tmp_path / "c.npz", act_comp=np.zeros((5, 1, 64)), lat_comp=components[:, None],
        lat_mean=np.zeros((1, 12)), var_ratio=np.zeros(5),
    )  # fmt: skip
    done = invoke("import", tmp_path / "c.npz", "--class", "car", "--out", tmp_path / "a")
    assert done.exit_code == 0, done.output
    found = Directions.load(tmp_path / "a")
    expected = gram_schmidt(torch.from_numpy(components))
    assert abs(found.basis - expected.numpy()).max() < 1e-6
    turned = np.degrees(np.arccos((expected.numpy() * components).sum(1).min()))
    assert found.note.endswith(f"turned rows by up to {turned:.0f} degrees") and turned > 5


@pytest.mark.parametrize("suffix", ["pt", "npy", "npz"])
def test_what_is_exported_is_read_again(folder, imported, tmp_path, suffix):
    out = tmp_path / f"a.{suffix}"
    done = invoke("export", folder / "out/our_goldens.safetensors", "--out", out)
    assert done.exit_code == 0 and done.stdout.strip() == str(out), done.output
    assert torch.equal(read_matrix(out), torch.from_numpy(imported["our_goldens"].basis))


def test_a_third_is_exported_as_its_forty_columns(folder, imported, tmp_path):
    out, file = tmp_path / "a.pt", folder / "out/our_goldens_mid.safetensors"
    assert invoke("export", file, "--out", out, "--space", "mid").exit_code == 0
    raw = torch.load(folder / "matrices/our_goldens_mid.pt")
    torch.testing.assert_close(
        torch.load(out), orthonormal_rows(raw.double()).float(), rtol=0, atol=0
    )


def test_an_imported_third_moves_its_slots_only(folder, imported):
    from directions.generators.open import open_generator

    generator = open_generator(f"biggan-pytorch:{folder}").generators[0]
    z = torch.randn(1, 120, requires_grad=True)
    row = torch.from_numpy(imported["our_goldens_mid"].basis[5])
    parts = z.detach().repeat(2, 1).unflatten(1, (6, 20))
    parts[1, 2:4] += row.unflatten(0, (6, 20))[2:4]
    torch.testing.assert_close(generator((z + row).detach()), generator(parts[1:].flatten(1)))
    assert (generator(z + row) - generator(z)).abs().max() > 1e-3
