"""The table of processor classes holds what the installed transformers library declares."""

import ast
from pathlib import Path

import pytest

from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._hub.kinds import KINDS
from vqa_features.extractors.deep._hub.processors import (
    IMAGE_DEFAULTS,
    PARENTS,
    PROCESSORS,
    VIDEO_DEFAULTS,
    processor_of,
)
from vqa_features.extractors.deep._hub.towers import TOWERS

transformers = pytest.importorskip("transformers")

_MODELS = Path(transformers.__file__).parent / "models"
#: Every entry that changes a picture in a class of the table.
_ENTRIES = {
    *("do_resize", "size", "default_to_square", "resample", "do_center_crop", "crop_size", "crop_pct"),
    *("do_rescale", "rescale_factor", "offset", "do_normalize", "image_mean", "image_std"),
    *("patch_size", "merge_size", "max_num_patches", "crop_to_patches"),
}
#: What the library's base classes declare.
_INHERITED = {"default_to_square": True, "rescale_factor": 1 / 255}


@pytest.fixture(scope="module")
def sources():
    """The syntax tree of each class of the library's processors, by name; some need torchvision to import."""
    found = {}
    for path in [*_MODELS.glob("*/image_processing_*.py"), *_MODELS.glob("*/video_processing_*.py")]:
        text = path.read_text()
        if any(f"class {name}" in text for name in PROCESSORS):
            found |= {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    return found


def declared(tree):
    """The entries that a class declares, as values."""
    from transformers import image_utils

    found = dict(_INHERITED)
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if name in _ENTRIES:
                found[name] = eval(compile(ast.Expression(value), "", "eval"), vars(image_utils))
    return found


def constructed(cls):
    """The entries of an instance made without arguments."""
    return {name: getattr(cls(), name) for name in _ENTRIES if hasattr(cls(), name)}


@pytest.mark.parametrize("name", PROCESSORS)
def test_defaults_are_those_of_the_librarys_class(sources, name):
    tree = sources.get(name + "Pil") or sources[name]
    theirs = declared(tree)
    if name == "VivitImageProcessor":  # its constructor says them, and reads a number as the short side
        theirs = {**constructed(transformers.VivitImageProcessor), "default_to_square": False}
    if name == "VivitVideoProcessor":  # it subtracts 1 without an entry that says so
        assert "images.float() * rescale_factor - 1" in ast.unparse(tree)
        theirs["offset"] = True
    ours = {key: value for key, value in PROCESSORS[name].items() if value}
    assert ours == {key: value for key, value in theirs.items() if value}


def test_defaults_of_a_type_are_those_of_the_librarys_auto_classes(sources):
    from transformers.models.auto.image_processing_auto import IMAGE_PROCESSOR_MAPPING_NAMES

    text = (_MODELS / "auto" / "auto_mappings.py").read_text()
    text += (_MODELS / "auto" / "video_processing_auto.py").read_text()
    for kind, name in IMAGE_DEFAULTS.items():
        assert IMAGE_PROCESSOR_MAPPING_NAMES[kind]["torchvision"] == name
    for kind, name in VIDEO_DEFAULTS.items():
        assert f'("{kind}", {{"torchvision": "{name}"}})' in text
    for kind, parent in PARENTS.items():
        assert kind not in IMAGE_PROCESSOR_MAPPING_NAMES
        assert f'("{kind}"' not in text.partition("VIDEO_PROCESSOR_MAPPING_NAMES")[2]
        assert parent in {**IMAGE_DEFAULTS, **VIDEO_DEFAULTS}


@pytest.mark.parametrize("kind", [*KINDS, *(kind for kind in TOWERS if kind in IMAGE_DEFAULTS)])
def test_every_type_of_model_has_a_processor(kind):
    assert processor_of({}, [kind], kind in KINDS and bool(KINDS[kind].frames), "it") in PROCESSORS


SPELLINGS = {
    "ViTImageProcessor": ["ViTImageProcessor", "ViTImageProcessorFast", "ViTImageProcessorPil"],
    "CLIPImageProcessor": ["CLIPFeatureExtractor", "CLIPImageProcessorFast"],
    "VideoMAEImageProcessor": ["VideoMAEFeatureExtractor", "VideoMAEImageProcessor"],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_slow_fast_and_pillow_spellings_mean_one_row(name):
    for spelling in SPELLINGS[name]:
        for key in ("image_processor_type", "feature_extractor_type", "video_processor_type"):
            assert processor_of({key: spelling}, ["dinov2"], False, "it") == name


def test_a_class_that_is_not_known_is_refused_by_name_with_those_that_are():
    for named in ("SamImageProcessor", "evil.Processor", "", "Fast", "VitImageProcessor"):
        with pytest.raises(ParameterError) as said:
            processor_of({"image_processor_type": named}, ["clip"], False, "it")
        assert f"image_processor_type {named!r}" in str(said.value)
        assert all(name in str(said.value) for name in PROCESSORS)
    with pytest.raises(ParameterError, match="must be the name of a class"):
        processor_of({"image_processor_type": ["ViTImageProcessor"]}, ["clip"], False, "it")
    with pytest.raises(ParameterError, match="models of type 'bert' have none of their own"):
        processor_of({}, ["bert"], False, "it")
