"""Sharing through a stand-in of the hub: what is pushed comes back, and what goes wrong is told."""

import os
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import numpy as np
import pytest
from PIL import Image

from directions import hub
from directions.card import card
from directions.checkpoint import Directions
from directions.errors import DirectionsFileError, HubError
from directions.identity import Identity
from tests import hub_stand_in
from tests.commands import invoke

# The hub's own client uses an argument that its HTTP library advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=<...>' to upload:DeprecationWarning")
COMMIT = hub_stand_in.commit_hash("someone/mugs", 0)


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A hub with nothing in it, that this process takes for the real one; an empty cache."""
    from huggingface_hub import constants, file_download

    with hub_stand_in.running() as running:
        template = running.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "ENDPOINT", running.url)
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # LFS over HTTP instead
        monkeypatch.setattr(file_download.time, "sleep", lambda seconds: None)
        monkeypatch.setenv("HF_TOKEN", hub_stand_in.TOKEN)
        yield running
        huggingface_hub.close_session()


@pytest.fixture
def file(tmp_path):
    """Directions of the embedded generator, beside a picture, a report and other things."""
    from directions.generators.open import open_generator

    folder = tmp_path / "run"
    folder.mkdir()
    turned = np.linalg.qr(np.random.default_rng(0).normal(size=(12, 12)))[0].astype(np.float32)
    Directions(
        basis=turned, identity=open_generator(labels=["mug"]).identity, step=7, reach=2.0,
        scores={"learnt": 3.25, "random 0": 9.0, "random 1": 7.5},
        settings={"reach": 2.0, "steps": 7, "projections": None},
        names={2: "size | <b>"}, note="made up",
    ).save(folder / "directions.safetensors")  # fmt: skip
    Image.new("RGB", (4, 4), "red").save(folder / "walk.png")
    (folder / "report.html").write_text("<p>all of them</p>")
    (folder / "measures.json").write_text("{}")
    for other in ("walk.mp4", "resume.pt", ".walk.1.partial.png", "log.jsonl"):
        (folder / other).write_text("not for others")
    return folder / "directions.safetensors"


def test_what_is_pushed_comes_back_bit_by_bit(server, file):
    name = hub.push(file, "someone/mugs")
    assert name == f"hub:someone/mugs@{COMMIT}"
    for shared in (name, "hub:someone/mugs", "hub:someone/mugs@main"):
        path = hub.local_path(shared)
        assert path.read_bytes() == file.read_bytes()
        assert Directions.load(path).names == {2: "size | <b>"}


def test_a_repository_holds_what_lies_beside_and_nothing_executable(server, file):
    hub.push(file, "hub:someone/mugs")
    (files,) = server.repositories["someone/mugs"]
    made = {"report.html", "measures.json", "walk.png"}
    assert set(files) == {"directions.safetensors", "README.md"} | made
    assert files["walk.png"] == file.with_name("walk.png").read_bytes()
    assert files["report.html"] == b"<p>all of them</p>"
    assert not server.private


def test_a_private_repository(server, file, monkeypatch):
    name = hub.push(file, "someone/mugs", private=True)
    assert server.private == {"someone/mugs"}
    assert hub.local_path(name).read_bytes() == file.read_bytes()


def test_a_commit_stays_what_it_was_and_main_goes_on(server, file):
    first, before = hub.push(file, "someone/mugs"), file.read_bytes()
    Directions(basis=np.eye(12, dtype=np.float32), identity=Identity(generator="a")).save(file)
    second = hub.push(file, "someone/mugs")
    assert first != second
    assert hub.local_path(first).read_bytes() == before
    assert hub.local_path(second).read_bytes() == file.read_bytes()
    assert hub.local_path("hub:someone/mugs").read_bytes() == file.read_bytes()


def test_a_commit_in_the_cache_asks_nobody(server, file):
    name = hub.push(file, "someone/mugs")
    hub.local_path(name)
    server.asked.clear()
    assert hub.local_path(name).read_bytes() == file.read_bytes() and not server.asked


def test_a_branch_is_taken_from_the_cache_where_the_hub_cannot_be_reached(
    server, file, monkeypatch
):
    hub.push(file, "someone/mugs")
    hub.local_path("hub:someone/mugs")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    server.asked.clear()
    assert hub.local_path("hub:someone/mugs").read_bytes() == file.read_bytes()
    with pytest.raises(HubError) as told:
        hub.local_path("hub:someone/cars")
    sentence = "someone/cars is not in the cache, and the hub could not be reached"
    assert str(told.value) == sentence and not server.asked


def test_a_download_that_breaks_off_goes_on_where_it_was(server, file):
    hub.push(file, "someone/mugs")
    server.cut = [100, 300]
    assert hub.local_path("hub:someone/mugs").read_bytes() == file.read_bytes()
    downloads = [command for command, path in server.asked if command == "GET"]
    assert len(downloads) == 3 and not server.cut


def test_a_download_that_never_ends_leaves_nothing_that_is_taken_for_a_file(server, file, tmp_path):
    hub.push(file, "someone/mugs")
    server.cut = [200, *[0] * 20]
    with pytest.raises(HubError, match="^someone/mugs could not be read from the hub: ") as told:
        hub.local_path("hub:someone/mugs")
    assert "\n" not in str(told.value)
    assert not list((tmp_path / "cache").rglob("directions.safetensors"))
    server.cut = []
    assert hub.local_path("hub:someone/mugs").read_bytes() == file.read_bytes()


def sentence(function, *arguments):
    with pytest.raises(HubError) as told:
        function(*arguments)
    return str(told.value)


def test_what_is_not_there(server, file):
    server.repositories["someone/empty"] = [{"README.md": b"# Nothing"}]
    hub.push(file, "someone/mugs")
    assert sentence(hub.local_path, "hub:someone/empty") == (
        "someone/empty holds no directions.safetensors; `directions push` puts one there"
    )
    assert sentence(hub.local_path, "hub:someone/mugs@v2") == "someone/mugs has no revision v2"
    assert sentence(hub.local_path, "hub:someone/none") == (
        "no repository someone/none on the hub, or it is private; "
        "`hf auth login` stores a token that may see it"
    )


def test_a_wrong_token(server, file, monkeypatch):
    hub.push(file, "someone/mugs", private=True)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    told = (
        "the hub refused the token for someone/mugs (401); "
        "`hf auth login` stores another, HF_TOKEN goes before it"
    )
    assert sentence(hub.push, file, "someone/mugs") == told
    assert sentence(hub.local_path, "hub:someone/mugs") == told
    assert len(server.repositories["someone/mugs"]) == 1


def test_an_upload_that_is_refused_half_way_makes_no_commit(server, file, monkeypatch):
    def refuse(handler):
        handler.body()
        handler.answer(403, {"error": "storage is for others"})

    monkeypatch.setattr(hub_stand_in.Handler, "do_PUT", refuse)
    assert sentence(hub.push, file, "someone/mugs") == (
        "the hub refused the token for someone/mugs (403); "
        "`hf auth login` stores another, HF_TOKEN goes before it"
    )
    assert server.repositories["someone/mugs"] == []


def test_a_file_on_the_hub_that_is_none_of_ours(server):
    server.repositories["someone/mugs"] = [{"directions.safetensors": b"\x80\x04pickle"}]
    with pytest.raises(DirectionsFileError, match="directions.safetensors is damaged: "):
        Directions.load(hub.local_path("hub:someone/mugs"))


@pytest.mark.parametrize(
    "name", ["mugs", "a/b/c", "a/../b", "/b", "a/", "a b/c", "a/b@", "a/b@c d", "-a/b", "é/b"]
)
def test_names_that_are_none(name):
    assert sentence(hub.local_path, f"hub:{name}") == (
        f"'hub:{name}' is no name on the hub; write owner/name or owner/name@revision"
    )


def test_paths_are_left_alone():
    assert hub.local_path("outputs/a.safetensors") == Path("outputs/a.safetensors")
    assert hub.results_folder("outputs/a.safetensors") == Path("outputs")
    assert hub.results_folder("hub:some.one/mugs@v1") == Path("outputs/some.one-mugs")


def test_the_card_says_where_directions_come_from(file):
    text = card(Directions.load(file), "someone/mugs", ["report.html", "walk.png"])
    assert text.startswith("---\nlibrary_name: directions\n")
    for line in (
        "# Directions of objects-64/mug",
        "directions render hub:someone/mugs",
        "| classes | mug |",
        "| step | 7 |",
        "| learnt | 3.25 |",
        "| random, 2 of them | 7.5 to 9 |",
        "| steps | 7 |",
        "| 2 | size \\| &lt;b&gt; |  |  |",
        "![walk.png](<walk.png>)",
        "`report.html` shows all of them.",
        "made up.",
    ):
        assert line in text.splitlines(), line
    assert text.count("| reach | 2 |") == 1 and "projections" not in text
    many = Identity(generator="a", labels=tuple(range(5)), label_names=tuple("abcde"))
    plain = Directions(basis=np.eye(2, 3, dtype=np.float32), identity=many)
    bare = card(plain, "a/b", [])
    assert "| classes | a, b, c and 2 more |" in bare
    for heading in ("## Pictures", "## Directions", "## Hessian", "report.html", "is refused"):
        assert heading not in bare


def test_what_was_pulled_renders_the_same_video(server, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = invoke("push", file, "someone/mugs")
    assert done.exit_code == 0, done.output
    shared = done.stdout.strip()
    assert shared == f"hub:someone/mugs@{COMMIT}"
    few = ["--frames", "3", "--samples", "1", "--directions", "0-1", "--device", "cpu"]
    for source in (file, shared):
        done = invoke("render", source, *few, "--overwrite")
        assert done.exit_code == 0, done.output
    pulled = Path("outputs/someone-mugs")
    for name in ("walk.mp4", "walk.png"):
        assert (pulled / name).read_bytes() == file.with_name(name).read_bytes()


def test_every_command_that_takes_a_file_takes_a_name(server, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shared = hub.push(file, "someone/mugs")
    small = ["--steps", "1", "--batch-size", "1", "--held-out", "2", "--device", "cpu"]
    for arguments in (
        ["info", shared],
        ["export", shared, "--out", "a.npy"],
        ["align", shared, "-d", "0", "--samples", "2", "--frames", "2", "--device", "cpu"],
        ["learn", "--solver", "adam", "--start", shared, "--out", "run-2", *small],
        ["push", shared, "someone/copy"],
    ):
        done = invoke(*arguments)
        assert done.exit_code == 0, done.output
    assert np.array_equal(np.load("a.npy"), Directions.load(file).basis)
    copy = server.repositories["someone/copy"][0]["directions.safetensors"]
    assert copy == file.read_bytes()


def test_a_real_process_is_led_by_the_environment(server, file, tmp_path):
    hub.push(file, "someone/mugs")
    done = subprocess.run(
        [sys.executable, "-m", "cli", "info", "hub:someone/mugs", "--json"],
        capture_output=True, text=True,
        env={**os.environ, "HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / "home")},
    )  # fmt: skip
    assert done.returncode == 0 and '"step": 7' in done.stdout, done.stderr


def test_every_command_takes_a_name_of_the_hub(server, file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = hub.push(file, "someone/mugs")
    small = ["--samples", "2", "--penalty-samples", "2", "--codes", "100", "--classes-beside", "0"]
    for arguments in (
        ["measure", name, *small, "--hessian-samples", "0"],
        ["report", name, "--samples", "1"],
        ["compare", name],
        ["match", name, str(file)],
    ):
        done = invoke(*arguments)
        assert done.exit_code == 0, done.output
    where = tmp_path / "outputs" / "someone-mugs"
    assert {path.name for path in where.iterdir()} == {"measures.json", "report.html"}
    assert name in (where / "report.html").read_text()
