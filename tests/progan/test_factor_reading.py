import torch

from directions.data.factored import open_factored
from directions.metrics.factor_columns import columns_of
from directions.progan.factor_reading import ReaderTraining, as_generated, fitted
from directions.progan.growth import Stage
from tests.progan.toys import painted_scenes


def test_renders_are_shown_as_a_generator_would_make_them(tmp_path):
    pictures = open_factored(painted_scenes(tmp_path / "set", 10), 16)
    shown = as_generated(pictures, Stage(8, 1.0))
    assert shown.shape == (10, 64, 64, 3)
    small = pictures.batch(torch.arange(10)).float().unflatten(2, (8, 2)).unflatten(4, (8, 2))
    images = small.mean((3, 5)) / 127.5 - 1
    known = ((fitted(images) + 1) * 127.5).round().permute(0, 2, 3, 1)
    assert (shown.float() - known).abs().max() <= 1


def test_larger_pictures_are_shrunk_and_no_value_is_beyond_that_of_a_render():
    images = torch.randn(2, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    known = images.clamp(-1, 1).unflatten(2, (64, 2)).unflatten(4, (64, 2)).mean((3, 5))
    torch.testing.assert_close(fitted(images), known)
    torch.testing.assert_close(fitted(torch.full((1, 3, 8, 8), 3.0)), torch.ones(1, 3, 64, 64))


def test_a_trained_reader_tells_where_the_bar_stands(tmp_path):
    pictures = open_factored(painted_scenes(tmp_path / "set", 150), 16)
    training = ReaderTraining(pictures, Stage(16, 1.0), steps=40)
    before = torch.random.get_rng_state()
    losses = list(training.steps())
    assert torch.equal(torch.random.get_rng_state(), before)
    reader = training.reader
    assert reader is not None and len(losses) == 40
    assert reader.r2["horizontal"] > 0.8 and reader.spread.shape == (1,)
    images = pictures.batch(torch.arange(20)).float() / 127.5 - 1
    read = reader.read(images)[:, 0]
    known = torch.from_numpy(pictures.factors[:20, 0])
    assert torch.corrcoef(torch.stack([read, known]))[0, 1] > 0.9


def test_the_fit_of_a_factor_adds_up_the_variances_of_its_columns():
    from directions.metrics.known_factors import FactorNetwork, FactorSettings
    from directions.progan.factor_reading import FactorReader
    from directions.scenes.factors import Choice, Factor

    columns = columns_of([Choice("shape", ("a", "b")), Factor("place", 0.0, 1.0, "")])
    settings = FactorSettings(
        class_names=("any",), factor_names=("a", "b", "place"), mean=(0.0, 0.0, 0.0),
        deviation=(1.0, 3.0, 2.0), spread=(1.0, 1.0, 1.0), r2=(0.5, 0.9, 0.7), width=1,
    )  # fmt: skip
    reader = FactorReader(FactorNetwork(settings), columns, Stage(16, 1.0))
    torch.testing.assert_close(
        torch.tensor([reader.r2["shape"], reader.r2["place"]]),
        torch.tensor([1 - (0.5 * 1 + 0.1 * 9) / 10, 0.7]),
    )
