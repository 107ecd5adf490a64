"""Groups, families and names that are left out, in a text that chooses extractors."""

from __future__ import annotations

import pytest

from vqa_features.errors import ParameterError, UnknownName, WeightsMissing
from vqa_features.registry import catalogue
from vqa_features.selection import select, words


def chosen(text: str, **options: bool) -> list[str]:
    return [one.label for one in select(text, **options)[0]]


def able(*groups: str) -> list[str]:
    """Names of the extractors of families or groups whose weights are here or not needed."""
    rows = [row for row in catalogue() if {row["family"], row["group"], "all"} & set(groups)]
    return sorted(row["name"] for row in rows if row["weights"] in ("none needed", "present"))


@pytest.mark.needs("torch", "transformers")
@pytest.mark.parametrize("word", ["all", "handcrafted", "deep", "nss", "motion", "temporal", "cnn"])
def test_a_group_stands_for_its_extractors_that_can_run(word: str) -> None:
    assert word in words()
    made, notes = select(word)
    assert sorted(one.label for one in made) == able(word)
    lacking = [row["name"] for row in catalogue() if {row["family"], row["group"], "all"} & {word}]
    lacking = [name for name in lacking if name not in able(word)]
    assert len(notes) == bool(lacking)
    for name in lacking:
        assert name in notes[0]
    assert all("\n" not in note and f"left out of {word}: " in note for note in notes)


def test_groups_labels_and_exceptions_are_combined() -> None:
    nss = able("nss")
    without = [name for name in nss if name != "brisque"]
    assert chosen("siti,nss,-friquee,-niqe") == ["siti", *(n for n in nss if n not in ("friquee", "niqe"))]
    assert chosen("nss,brisque") == [*without, "brisque"]
    assert chosen("colour,nss,colour") == [*able("colour"), *nss]
    assert chosen("-nss,handcrafted") == sorted(set(able("handcrafted")) - set(nss))
    assert chosen("brisque[scales=3],nss,-brisque") == without
    assert chosen("nss,brisque[scales=3],-brisque[scales=3]") == nss


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("BRISQUE", UnknownName, "unknown extractor 'BRISQUE'; did you mean 'brisque'?"),
        ("Il_Niqe", UnknownName, "did you mean 'il-niqe'?"),
        ("HANDCRAFTED", UnknownName, "did you mean 'handcrafted'?"),
        ("al", UnknownName, "did you mean 'all'?"),
        ("siti,-brisqe", UnknownName, "did you mean 'brisque'?"),
        ("brisque[SCALES=3]", UnknownName, "unknown parameter of brisque 'SCALES'; did you mean 'scales'?"),
        ("nss,-siti", ParameterError, "-siti leaves out none of the extractors that were chosen"),
        ("nss,-deep", ParameterError, "-deep leaves out none"),
        ("siti,-siti", ParameterError, "no extractor is left of 'siti,-siti'"),
        ("-siti", ParameterError, "leaves out none"),
        ("siti,siti", ParameterError, "named twice"),
        (" , ", ParameterError, "no extractor is left"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(text: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error) as caught:
        select(text)
    assert told in str(caught.value)


@pytest.mark.needs("torch")
def test_a_name_without_weights_is_an_error_and_random_ones_are_asked_for(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VQA_FEATURES_CACHE", str(tmp_path))
    with pytest.raises(WeightsMissing, match="weights fetch r3d-18"):
        select("handcrafted,r3d-18")
    assert "r3d-18" in select("all")[1][0]
    assert chosen("r3d-18[clips=1]", random_weights=True) == ["r3d-18@random[clips=1]"]
    assert {"r3d-18@random", "mc3-18@random"} <= set(chosen("3d-cnn", random_weights=True))
    told = "no extractor is left of 'video-transformer'.*left out of .*: .*uniformer-b, .*no weights"
    with pytest.raises(ParameterError, match=told):
        select("video-transformer")
