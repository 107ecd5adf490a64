"""Preprocessing configurations of every year's layout give the pixels of the library's own Pillow processors.

The files are written by hand, with the keys that saved models of that year have; the library reads them too.
"""

import numpy as np
import pytest
from hub_layouts import CLIP, FAST, HALF, HALVES, LAYOUTS, write

from vqa_features.errors import ParameterError
from vqa_features.extractors.deep._hub.config import read_config
from vqa_features.extractors.deep._hub.preprocess import read_preprocess
from vqa_features.extractors.deep._hub.processors import PROCESSORS
from vqa_features.extractors.deep._hub.sizes import side_of
from vqa_features.extractors.deep._preprocess import IMAGENET_MEAN, IMAGENET_STD, Preprocess

transformers = pytest.importorskip("transformers")
cv2 = pytest.importorskip("cv2")

#: Pixels are normalised in float32 by both, in another order; without do_rescale values are up to 1000.
ROUNDING = {"rtol": 3e-7, "atol": 1.5e-6}


def theirs(folder, image):
    """Pixels of the class and the file that the library chooses itself."""
    processor = transformers.AutoImageProcessor.from_pretrained(folder, local_files_only=True)
    return np.asarray(processor(image, return_tensors="np")["pixel_values"], np.float64)


@pytest.fixture(scope="module")
def pictures(scenes):
    """A frame of a real video as 16:9 and portrait, and one smaller than a crop."""
    clip = next(path for path in scenes if path.name == "city_towers.mp4")
    stream = cv2.VideoCapture(str(clip))
    frame = cv2.cvtColor(stream.read()[1], cv2.COLOR_BGR2RGB)
    stream.release()
    return {"16:9": frame, "portrait": frame.transpose(1, 0, 2).copy(), "small": frame[:99, :131].copy()}


def compare(folder, files, images):
    """Ours equals the library's for each picture; refused is what its processor or its model refuses."""
    side = side_of(read_config(files))
    try:
        wanted = [theirs(folder, image) for image in images]
    except (ValueError, TypeError, AttributeError):
        wanted = None
    if wanted is None or (side and wanted[0].shape[-2:] != side):
        with pytest.raises(ParameterError):
            read_preprocess(files)
        return
    preprocess = read_preprocess(files).preprocess
    for image, want in zip(images, wanted, strict=True):
        got = preprocess(image)
        np.testing.assert_allclose(got, want.reshape(got.shape), **ROUNDING)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_pixels_are_those_of_the_librarys_processor(tmp_path, pictures, layout):
    kind, entries = LAYOUTS[layout]
    files = write(tmp_path, kind, {"preprocessor_config.json": entries})
    compare(tmp_path, files, list(pictures.values()))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_missing_entries_and_null_are_read_as_the_library_reads_them(tmp_path, pictures, layout):
    kind, entries = LAYOUTS[layout]
    for key in entries:
        files = write(tmp_path, kind, {"preprocessor_config.json": {**entries, key: None}})
        if kind != "vivit":  # the constructor of this class alone replaces null
            compare(tmp_path, files, [pictures["16:9"]])
        left = {name: value for name, value in entries.items() if name != key}
        files = write(tmp_path, kind, {"preprocessor_config.json": left})
        compare(tmp_path, files, [pictures["16:9"]])


#: Classes that need no torchvision and give pictures; those that give patches are in test_hub_naflex.
_OTHERS = (
    "DINOv3ViTImageProcessor",
    "Qwen2VLImageProcessor",
    "Siglip2ImageProcessor",
    "Tipsv2ImageProcessor",
)
PICTURES = [name for name in PROCESSORS if name.endswith("ImageProcessor") and name not in _OTHERS]


@pytest.mark.parametrize("name", PICTURES)
def test_a_class_named_alone_gives_its_own_pixels(tmp_path, pictures, name):
    files = write(tmp_path, "dinov2", {"preprocessor_config.json": {"image_processor_type": name}})
    preprocess = read_preprocess(files).preprocess
    for image in pictures.values():
        got = preprocess(image)
        want = theirs(tmp_path, image).reshape(
            -1, *got.shape[1:]
        )  # LLaVA-OneVision's tiles come after the whole
        np.testing.assert_allclose(got[0], want[0], **ROUNDING)


def test_a_processor_saved_by_transformers_5_is_nested(tmp_path, pictures):
    nested = {**FAST, **CLIP, "image_processor_type": "CLIPImageProcessor"}
    other = {**FAST, **HALVES, "image_processor_type": "CLIPImageProcessor"}
    saved = {
        "processor_config.json": {"image_processor": nested, "processor_class": "CLIPProcessor"},
        "preprocessor_config.json": other,
    }
    files = write(tmp_path, "clip", saved)
    compare(tmp_path, files, list(pictures.values()))
    assert read_preprocess(files).name == "processor_config.json"
    for empty in ({"processor_class": "CLIPProcessor"}, {"image_processor": None}):
        files = write(tmp_path, "clip", {"processor_config.json": empty})
        compare(tmp_path, files, [pictures["16:9"]])
        assert read_preprocess(files).name == "preprocessor_config.json"


#: Video processors need torchvision; their rules by hand: short side, crop, mean and deviation.
VIDEO = {
    "VJEPA2VideoProcessor": (
        "vjepa2",
        {"crop_size": 256, "size": 999},
        292,
        256,
        IMAGENET_MEAN,
        IMAGENET_STD,
    ),
    "VideoMAEVideoProcessor": ("videomae", {}, 224, 224, HALF, HALF),
    "TimesformerVideoProcessor": ("timesformer", {}, 224, 224, IMAGENET_MEAN, IMAGENET_STD),
}


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("name", VIDEO)
def test_files_of_video_processors_are_read(tmp_path, name, nested):
    kind, entries, short, crop, mean, std = VIDEO[name]
    settings = {**entries, "video_processor_type": name}
    saved = {"video_preprocessor_config.json": settings, "preprocessor_config.json": {"size": 1}}
    if nested:
        saved["video_preprocessor_config.json"] = {"size": 1}
        saved["processor_config.json"] = {"video_processor": settings, "image_processor": {"size": 1}}
    want = Preprocess(short, (crop, crop), tuple(mean), tuple(std), "pil", "bilinear")
    assert read_preprocess(write(tmp_path, kind, saved)).preprocess == want
    if not nested:
        for type_default in ({}, {"video_processor_type": None}):
            saved["video_preprocessor_config.json"] = {**entries, **type_default}
            assert read_preprocess(write(tmp_path, kind, saved)).preprocess == want


def test_vivits_video_processor_subtracts_one(tmp_path):
    files = write(tmp_path, "vivit", {"video_preprocessor_config.json": {}})
    found = read_preprocess(files).preprocess
    assert (found.resize, found.crop) == (256, (224, 224))
    grey = np.full((256, 256, 3), 204, np.uint8)
    np.testing.assert_allclose(found(grey), (204 / 127.5 - 1 - 0.5) / 0.5, rtol=1e-5)


def test_a_crop_had_the_side_of_a_number_as_size(tmp_path, pictures):
    entries = {**LAYOUTS["2022 X-CLIP"][1], "size": 336}
    vision = {"vision_config": {"image_size": 336, "patch_size": 14}}
    files = write(tmp_path, "xclip", {"preprocessor_config.json": entries}, **vision)
    assert read_preprocess(files).preprocess(pictures["16:9"]).shape == (1, 3, 336, 336)


UNFIT = {
    "that keep their aspect, without a crop": {"do_center_crop": False},
    "of 224x112": {"crop_size": {"height": 112, "width": 224}},
    "of 240x240": {"crop_size": 240},
}


@pytest.mark.parametrize("said", UNFIT)
@pytest.mark.parametrize("kind", ["videomae", "timesformer", "vivit", "xclip", "clip", "siglip"])
def test_pictures_that_a_model_does_not_take_are_refused(tmp_path, kind, said):
    entries = {"image_processor_type": "VideoMAEImageProcessor", **UNFIT[said]}
    files = write(tmp_path, kind, {"preprocessor_config.json": entries})
    with pytest.raises(
        ParameterError, match=f"pictures {said}, this model of type {kind} takes 224x224 alone"
    ):
        read_preprocess(files)


UNDONE = {
    "crop_to_patches": {"image_processor_type": "GotOcr2ImageProcessor", "crop_to_patches": True},
    "do_pan_and_scan": {"image_processor_type": "Gemma3ImageProcessor", "do_pan_and_scan": True},
    "do_pad": {"image_processor_type": "LlavaImageProcessor", "do_pad": True},
    "pad_size": {"do_pad": True, "pad_size": {"height": 256, "width": 256}},
    "merge_size|patch_size": {"image_processor_type": "Qwen2VLImageProcessor"},
    "siglip2": {"image_processor_type": "Siglip2ImageProcessor"},
}


@pytest.mark.parametrize("name", UNDONE)
def test_what_is_not_done_is_refused(tmp_path, name):
    files = write(tmp_path, "dinov2", {"preprocessor_config.json": UNDONE[name]})
    with pytest.raises(ParameterError, match=name):
        read_preprocess(files)
