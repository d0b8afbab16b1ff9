# ruff: noqa: E501
"""Packing and reading pictures, and what may be wrong with them."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file, save_file

from directions.data import packed, sources
from directions.data.fitting import fitted
from directions.data.packed import FORMAT, Pictures, open_pictures, pack
from directions.data.sources import open_source
from directions.errors import PicturesError
from tests.commands import assert_refused, invoke


def noise(seed, height, width, channels=3):
    shape = (height, width, channels) if channels > 1 else (height, width)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def write_folder(folder, count=3, side=8):
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(count):
        Image.fromarray(noise(i, side, side)).save(folder / f"{i}.png")
    return folder


def pack_all(path, out, side):
    return [one for one in pack(open_source(path), out, side) if one]


def test_pictures_of_the_right_size_come_back_byte_for_byte(tmp_path):
    write_folder(tmp_path / "in", 5)
    assert pack_all(tmp_path / "in", tmp_path / "a.safetensors", 8) == []
    pictures = Pictures.open(tmp_path / "a.safetensors")
    assert (len(pictures), pictures.side) == (5, 8)
    got = pictures.batch(torch.tensor([4, 0, 4]))
    assert got.dtype == torch.uint8
    wanted = np.stack([noise(i, 8, 8) for i in (4, 0, 4)]).transpose(0, 3, 1, 2)
    assert np.array_equal(got.numpy(), wanted)


def test_any_safetensors_reader_reads_a_packed_file(tmp_path):
    write_folder(tmp_path / "in", 2)
    pack_all(tmp_path / "in", tmp_path / "a.safetensors", 8)
    tensor = load_file(tmp_path / "a.safetensors")["pictures"]
    assert np.array_equal(tensor[1], noise(1, 8, 8).transpose(2, 0, 1))


def test_a_smaller_side_is_the_mean_over_squares(tmp_path):
    write_folder(tmp_path / "in", 2)
    pack_all(tmp_path / "in", tmp_path / "a.safetensors", 8)
    small = open_pictures(tmp_path / "a.safetensors", 4).batch(torch.tensor([1]))
    means = noise(1, 8, 8).reshape(4, 2, 4, 2, 3).mean((1, 3)).transpose(2, 0, 1)
    assert np.abs(small[0].numpy() - means).max() <= 0.5


def test_a_hundred_thousand_pictures_stay_on_disk(tmp_path):
    """1.2 GB in a file with holes; opening it and taking a batch must not read it."""
    path, shape = tmp_path / "large.safetensors", [100_000, 3, 64, 64]
    with path.open("wb") as file:
        packed._write_header(file, shape[0], 64)
        file.truncate(packed.HEADER + int(np.prod(shape)))
    before = resident()
    pictures = Pictures.open(path)
    assert pictures.batch(torch.tensor([0, 50_000, 99_999])).shape == (3, 3, 64, 64)
    assert len(pictures) == 100_000 and resident() - before < 64 * 2**20


def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def test_folders_zips_and_packed_files_give_the_same(tmp_path):
    folder = write_folder(tmp_path / "in", 3)
    (folder / "deeper" / "still").mkdir(parents=True)
    Image.fromarray(noise(9, 8, 8)).save(folder / "deeper" / "still" / "x.png")
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        for path in folder.rglob("*.png"):
            archive.write(path, path.relative_to(folder))
    pack_all(folder, tmp_path / "a.safetensors", 8)
    every = torch.arange(4)
    one, two, three = (
        open_pictures(tmp_path / name, 8).batch(every) for name in ("in", "in.zip", "a.safetensors")
    )
    assert torch.equal(one, two) and torch.equal(one, three)
    assert {tuple(p[:, 0, 0].tolist()) for p in one} >= {tuple(noise(9, 8, 8)[0, 0].tolist())}


def test_the_largest_centred_square_is_kept():
    wide = np.zeros((8, 24, 3), np.uint8)
    wide[:, 8:16] = (200, 100, 50)
    for array in (wide, wide.transpose(1, 0, 2)):
        got = fitted(Image.fromarray(array), 8)
        assert (got == np.array([200, 100, 50])[:, None, None]).all()


def grey16(level):
    return Image.fromarray(np.full((8, 8), level, np.uint16))


def palette():
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 10, 20, 30])
    return picture


@pytest.mark.parametrize(
    ("picture", "pixel"),
    [
        (Image.new("L", (8, 8), 77), (77, 77, 77)),
        (Image.new("1", (8, 8), 1), (255, 255, 255)),
        (Image.new("RGBA", (8, 8), (200, 0, 100, 255)), (200, 0, 100)),
        (Image.new("RGBA", (8, 8), (200, 0, 100, 0)), (255, 255, 255)),
        (Image.new("LA", (8, 8), (0, 51)), (204, 204, 204)),
        (grey16(65535), (255, 255, 255)),
        (grey16(257 * 90), (90, 90, 90)),
        (grey16(255), (1, 1, 1)),
        (palette(), (10, 20, 30)),
        (Image.new("CMYK", (8, 8), (0, 0, 0, 0)), (255, 255, 255)),
    ],
    ids=[
        "grey",
        "bits",
        "opaque",
        "clear",
        "grey-alpha",
        "16",
        "16-mid",
        "16-low",
        "palette",
        "cmyk",
    ],
)
def test_every_mode_becomes_rgb(tmp_path, picture, pixel):
    picture.save(tmp_path / ("a.tif" if picture.mode == "CMYK" else "a.png"))
    (got,) = open_pictures(tmp_path, 4).batch(torch.tensor([0]))
    assert (got.numpy() == np.array(pixel)[:, None, None]).all()


def test_a_turned_camera_is_followed(tmp_path):
    array = np.zeros((8, 8, 3), np.uint8)
    array[0] = 255  # a white row on top, stored lying on its side
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(array).rotate(90).save(tmp_path / "a.png", exif=exif)
    (got,) = open_pictures(tmp_path, 8).batch(torch.tensor([0]))
    assert np.array_equal(got.numpy(), array.transpose(2, 0, 1))


def png(side=8):
    buffer = io.BytesIO()
    Image.fromarray(noise(0, side, side)).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_is_no_picture_is_named_counted_and_left_out(tmp_path):
    folder = write_folder(tmp_path / "in", 2)
    (folder / "cut.png").write_bytes(png(64)[:2000])
    (folder / "text.png").write_text("not a picture")
    (folder / "empty.jpg").write_bytes(b"")
    Image.fromarray(np.ones((4, 4), np.float32)).save(folder / "float.tif")
    (folder / ".hidden.png").write_text("left out without a word")
    done = invoke("data", "pack", folder, "--out", tmp_path / "a.safetensors", "--size", 8)
    assert done.exit_code == 0, done.output
    assert "skipped 4 of 6:" in done.stderr
    for line in (
        "  cut.png: image file is truncated",
        "  text.png: not a picture",
        "  empty.jpg: not a picture",
        "  float.tif: floating-point values have no known range",
    ):
        assert line in done.stderr, done.stderr
    assert done.stdout.strip() == str(tmp_path / "a.safetensors")
    assert len(Pictures.open(tmp_path / "a.safetensors")) == 2
    assert {one.name for one in open_pictures(folder, 8).skipped} == {
        "cut.png", "text.png", "empty.jpg", "float.tif",
    }  # fmt: skip


def test_many_skipped_pictures_are_told_in_few_lines(tmp_path):
    write_folder(tmp_path / "in", 1)
    for i in range(30):
        (tmp_path / "in" / f"{i:02}.txt").write_text("words")
    done = invoke("data", "pack", tmp_path / "in", "--out", tmp_path / "a.st", "--size", 8)
    assert "skipped 30 of 31:" in done.stderr and "  and 10 more" in done.stderr


def test_nothing_leaves_a_zip(tmp_path):
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../out.png", "/root.png", "a/../../b.png", "..\\c.png", "good.png"):
            archive.writestr(name, png())
        archive.writestr("__MACOSX/._good.png", b"what an archiver left")
    pictures = open_pictures(path, 8)
    assert len(pictures) == 1
    assert {one.reason for one in pictures.skipped} == {"its name leads out of the zip"}
    assert len(pictures.skipped) == 4
    assert [p.name for p in tmp_path.iterdir()] == ["in.zip"]


def test_a_damaged_member_of_a_zip_is_skipped(tmp_path, monkeypatch):
    path = tmp_path / "in.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", png())
        archive.writestr("b.png", png(16))
        archive.writestr("large.png", png(32))
    data = bytearray(path.read_bytes())
    data[data.index(b"b.png") + 60] ^= 255
    path.write_bytes(data)
    monkeypatch.setattr(sources, "LARGEST", 2**11)
    pictures = open_pictures(path, 8)
    assert len(pictures) == 1
    assert {one.name: one.reason for one in pictures.skipped} == {
        "b.png": "Bad CRC-32 for file 'b.png'",
        "large.png": "larger than 0 MiB",
    }


@pytest.fixture
def bad(tmp_path, monkeypatch):
    """A working folder with one of each fault."""
    monkeypatch.chdir(tmp_path)
    write_folder(Path("photos"))
    Path("empty/inside").mkdir(parents=True)
    Path("words").mkdir()
    Path("words/a.png").write_text("words")
    Path("broken.zip").write_bytes(b"PK and then nothing")
    zipfile.ZipFile("empty.zip", "w").close()
    pack_all(Path("photos"), Path("good.safetensors"), 8)
    Path("cut.safetensors").write_bytes(Path("good.safetensors").read_bytes()[:700])
    square = np.zeros((2, 3, 8, 8), np.uint8)
    save_file({"pictures": square}, "foreign.safetensors")
    save_file({"pictures": square[..., :4]}, "oblong.safetensors", {"format": FORMAT})
    save_file({"pictures": square.astype(np.float32)}, "float.safetensors", {"format": FORMAT})
    save_file({"pictures": square[..., :6, :6].copy()}, "six.safetensors", {"format": FORMAT})
    save_file({"images": square}, "nameless.safetensors", {"format": FORMAT})
    Path("scenes").mkdir()
    index = {"name": "clevr-simple", "count": 60, "side": 16, "seed": 0}
    Path("scenes/scenes.json").write_text(json.dumps(index))
    Path("unknown").mkdir()
    Path("unknown/scenes.json").write_text(json.dumps(index | {"name": "clevr-huge"}))
    return tmp_path


PACK = ["data", "pack"]
OUT = ["--out", "new.safetensors", "--size", "8"]
PAIRS = ["data", "edges-shoes"]

SENTENCES = [
    ([*PACK, "none", *OUT], "no pictures at none; give a folder, a zip or a packed file"),
    ([*PACK, "empty", *OUT], "no pictures in empty: it has no files"),
    ([*PACK, "empty.zip", *OUT], "no pictures in empty.zip: it has no files"),
    ([*PACK, "broken.zip", *OUT], "broken.zip is no zip of pictures: file is not a zip file"),
    ([*PACK, "words/a.png", *OUT], "words/a.png is no zip of pictures: file is not a zip file"),
    ([*PACK, "words", *OUT], "none of the 1 files of words can be used; a.png: not a picture"),
    ([*PACK, "photos", *OUT[:2]], "the pictures of photos may have any size; give --size 64, say"),
    ([*PACK, "photos", *OUT[:3], "48"], "a side must be a power of two from 4 to 1024, got 48"),
    ([*PACK, "photos", *OUT[:3], "2"], "a side must be a power of two from 4 to 1024, got 2"),
    ([*PACK, "photos", *OUT[:3], "-8"], "a side must be a power of two from 4 to 1024, got -8"),
    ([*PACK, "photos", "--out", "good.safetensors", "--size", "8"],
     "good.safetensors exists; give another --out, or --overwrite"),
    ([*PACK, "photos", "--out", "words/a.png/new", "--size", "8"],
     "cannot write to words/a.png: file exists"),
    ([*PACK, "scenes", *OUT],
     "scenes is not complete: clevr-simple-000000.npz is missing; "
     "run `directions scenes clevr-simple` on it again"),
    ([*PACK, "unknown", *OUT],
     "unknown/scenes.json is damaged; delete the folder and render again"),
    ([*PAIRS, "empty", *OUT],
     "no pairs in empty; give the folder of edges2shoes that has `train`"),
    ([*PAIRS, "none", *OUT],
     "no pairs in none; give the folder of edges2shoes that has `train`"),
    ([*PAIRS, "photos", *OUT],
     "none of the 6 files of photos can be used; *: no pair: 8 x 8 is not twice as wide as high"),
    (["biggan", "train", "scenes", "--out", "new"], "scenes holds clevr-simple, not objects"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), SENTENCES)
def test_one_sentence_and_nothing_written(bad, arguments, sentence):
    assert_refused(sentence, *arguments)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none", "no pictures at none; give a folder, a zip or a packed file"),
        ("cut.safetensors", "cut.safetensors is no packed file, or damaged: "),
        ("photos/0.png", "photos/0.png is no packed file, or damaged: "),
        ("nameless.safetensors", "nameless.safetensors is no packed file, or damaged: "),
        ("foreign.safetensors",
         "foreign.safetensors is no packed file: its format is not stated, not directions-pictures/1"),
        ("oblong.safetensors",
         "oblong.safetensors holds no square pictures: their shape is (2, 3, 8, 4)"),
        ("float.safetensors",
         "float.safetensors holds no square pictures: their shape is (2, 3, 8, 8)"),
        ("six.safetensors", "a side must be a power of two from 4 to 1024, got 6"),
    ],
)  # fmt: skip
def test_what_is_no_packed_file_is_refused(bad, name, sentence):
    with pytest.raises(PicturesError) as told:
        open_pictures(Path(name))
    assert str(told.value).startswith(sentence) and "\n" not in str(told.value)


def test_a_larger_side_than_packed_is_refused(bad):
    with pytest.raises(
        PicturesError, match="^the pictures are packed at 8 pixels, not 16; pack again$"
    ):
        open_pictures(Path("good.safetensors"), 16)
    with pytest.raises(
        PicturesError, match="^no pictures at gone; `directions data pack` packs them$"
    ):
        Pictures.open(Path("gone"))


def test_a_full_disk_leaves_no_half_file(bad, monkeypatch):
    def full(file, count, side):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packed, "_write_header", full)
    done = invoke(*PACK, "photos", *OUT)
    assert str(done.exception) == (
        "3 of 3 pictures packed, but new.safetensors could not be written: no space left on device"
    )
    assert not [path for path in bad.iterdir() if "new" in path.name]


def test_packing_that_is_broken_off_leaves_no_half_file(bad):
    work = pack(open_source(Path("photos")), Path("new.safetensors"), 8)
    next(work)
    work.close()
    assert not [path for path in bad.iterdir() if "new" in path.name]
