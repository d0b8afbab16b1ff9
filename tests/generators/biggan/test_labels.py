import pytest

from directions.errors import LabelError
from directions.generators.biggan.labels import find_label, find_labels, imagenet_names

OBJECTS = (("airplane",), ("car",), ("chair",), ("mug",))
BIG = "biggan-deep-256"


@pytest.mark.parametrize(
    ("wanted", "label"),
    [
        ("207", 207),
        ("golden retriever", 207),
        ("Golden_Retriever", 207),
        ("German shepherd dog", 235),
        ("jack-o'-lantern", 607),
        ("jack o lantern", 607),
        ("church", 497),
        ("lion", 291),
        ("rooster", 7),
    ],
)
def test_numbers_names_and_synonyms(wanted, label):
    assert find_label(wanted, imagenet_names(), BIG) == label


def test_every_class_is_found_by_its_own_name_or_its_number():
    names = imagenet_names()
    assert len(names) == 1000
    for label, some in enumerate(names):
        assert find_label(str(label), names, BIG) == label
        try:
            assert find_label(some[0], names, BIG) == label
        except LabelError as error:
            assert f"({label})" in str(error)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("goldn retriever", "no class 'goldn retriever' in X; did you mean golden retriever (207)"),
        ("crane", "'crane' could be crane (134), crane (517); give the number"),
        ("missile", "'missile' could be missile (657), projectile (744); give the number"),
        ("crayfish", "'crayfish' could be spiny lobster (123), crayfish (124); give the number"),
        (
            "golden\nretriver",
            "no class 'golden retriver' in X; did you mean golden retriever (207)",
        ),
        ("9" * 5000, "class 9999999999"),
        ("1000", "class 1000 is out of range for X; it has classes 0 to 999"),
        ("-1", "class -1 is out of range for X; it has classes 0 to 999"),
        ("", "no class '' in X; give a name or a number"),
        ("cake", "no class 'cake' in X"),
    ],
)
def test_misses_say_the_way_out(wanted, message):
    with pytest.raises(LabelError) as caught:
        find_label(wanted, imagenet_names(), "X")
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_names_in_any_script():
    names = (("Éclair",), ("猫", "ネコ"), ("Straße",))
    found = [find_label(wanted, names, "X") for wanted in ("eclair", "ネコ", "STRASSE")]
    assert found == [0, 1, 2]


def test_a_word_of_several_names_is_ambiguous():
    with pytest.raises(LabelError, match=r"^'retriever' could be .* and \d more; give the number$"):
        find_label("retriever", imagenet_names(), BIG)


def test_few_classes_are_listed():
    with pytest.raises(LabelError) as caught:
        find_label("zeppelin", OBJECTS, "objects-64")
    message = "no class 'zeppelin' in objects-64; it has airplane, car, chair, mug"
    assert str(caught.value) == message


def test_several_classes():
    assert find_labels(["mug", "0"], OBJECTS, "o") == (3, 0)
    assert find_labels(["any"], OBJECTS, "o") == (0, 1, 2, 3)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (["any", "mug"], "'any' means every class; leave out the others"),
        (["mug", "3"], "class mug (3) is given twice"),
    ],
)
def test_several_classes_that_make_no_sense(wanted, message):
    with pytest.raises(LabelError) as caught:
        find_labels(wanted, OBJECTS, "o")
    assert str(caught.value) == message
