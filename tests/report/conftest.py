import pytest
from typer.testing import CliRunner

from cli.main import app
from directions.config import SolveConfig, plain
from directions.generators.open import open_generator
from tests.plausible import measured

NASTY = '"><script>alert(1)</script>$x'


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with a report of twelve directions of the embedded generator, beside its files."""
    folder = tmp_path_factory.mktemp("car")
    path = measured(
        folder, open_generator(labels=["car"]).identity, names={3: "turning", 5: NASTY},
        notes={3: "<b>clear</b>"}, settings=plain(SolveConfig(directions=12)), step=64,
    )  # fmt: skip
    done = CliRunner().invoke(
        app, ["report", str(path), "--csv", "--png", "--match", str(path), "--device", "cpu"]
    )
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0] == str(folder / "report.html")
    assert all((folder / line).is_file() for line in done.stdout.splitlines())
    return folder
