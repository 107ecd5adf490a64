"""Video quality datasets: labels, scale, groups, official splits, licence, pinned files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..specs import Direction

RAW = "https://raw.githubusercontent.com"
#: Folder in the cache: pinned address of its published folder.
SOURCES = {
    "videval": f"{RAW}/vztu/VIDEVAL/8a86166bb9a9c8fc5e5eac5db7a77771cf576947",
    "bvqa_benchmark": f"{RAW}/vztu/BVQA_Benchmark/8c307b41c40cfba8411fd11e2595f2f905e043a8/data",
    "labels": f"{RAW}/xinyiW915/DIVA-VQA/2d07c59be86ce1f94d7842d507db1acddca4b6ec/metadata",
}
LICENCES = {
    "videval": "MIT",
    "bvqa_benchmark": "MIT",
    "labels": "none stated; facts from the datasets' authors",
    "splits": "none stated",
}


@dataclass(frozen=True)
class PublishedFile:
    """One published file: ``<source>/<name>`` in the cache, `path` below the address of the source."""

    source: str
    path: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """File name in the cache."""
        return self.path.rpartition("/")[2]

    @property
    def url(self) -> str | None:
        """Pinned public address; None if there is none."""
        return f"{SOURCES[self.source]}/{self.path}" if self.source in SOURCES else None


@dataclass(frozen=True)
class DatasetInfo:
    """Description of one dataset."""

    name: str
    videos: int
    scale: tuple[float, float]
    licence: str
    home: str
    labels: PublishedFile | None = None
    id_column: str | None = None
    mos_column: str = "mos"
    std_column: str | None = None
    count_column: str | None = None
    tables: Mapping[str, PublishedFile] = field(default_factory=dict)
    """Handcrafted feature tables in the row order of the labels."""
    parts: Mapping[str, PublishedFile] = field(default_factory=dict)
    """Label files of the official test parts by their names, for datasets with a fixed split."""
    index: PublishedFile | None = None
    """VSFA-format file of official permutations."""
    group: Callable[[str], str] | None = None
    """Source content of a video, from its name without folder and suffix."""
    differential: bool = False
    """The published numbers are differential opinion scores (DMOS): lower is better."""
    note: str = ""

    @property
    def direction(self) -> Direction:
        """Direction of the published numbers; `vqa_features.datasets.loading.load` makes higher better."""
        return "lower is better" if self.differential else "higher is better"


def _live_vqa_content(video: str) -> str:
    return video[:2]


def _cvd2014_content(video: str) -> str:
    return video.split("_")[1].lower()


def _qualcomm_content(video: str) -> str:
    match = re.match(r"\d*_?([A-Za-z]+)", video)
    return match[1].lower() if match else video


_ASK = "research use; videos from the home page"
DATASETS: dict[str, DatasetInfo] = {
    one.name: one
    for one in (
        DatasetInfo(
            "konvid-1k",
            1200,
            (1, 5),
            "videos CC BY (Flickr); labels MIT as published",
            "https://database.mmsp-kn.de/konvid-1k-database.html",
            PublishedFile(
                "videval",
                "features/KONVID_1K_metadata.csv",
                78370,
                "69f12f7d157d8cc7e448ac55ce2f1b6bbf055f639e919eb783e36ad32ca87d39",
            ),
            "flickr_id",
            tables={
                "videval": PublishedFile(
                    "videval",
                    "features/KONVID_1K_VIDEVAL_feats.mat",
                    537865,
                    "a036dc97a7125181aa78559968c542fa1d26909a4c0d0748ee5507bf074bb626",
                ),
                "brisque": PublishedFile(
                    "bvqa_benchmark",
                    "KONVID_1K_BRISQUE_feats.mat",
                    287180,
                    "82ac6c6cc52bce9e9b1373c53fb999cb998b2aebbe170e7cae6de4d1f85288ca",
                ),
            },
        ),
        DatasetInfo(
            "live-vqc",
            585,
            (0, 100),
            _ASK,
            "https://live.ece.utexas.edu/research/LIVEVQC/index.html",
            PublishedFile(
                "videval",
                "features/LIVE_VQC_metadata.csv",
                34814,
                "ed52e197b3470ba86a25f364257f7462cfe5257b41c6c0bdf288a25523e23042",
            ),
            "File",
            "MOS",
            tables={
                "videval": PublishedFile(
                    "videval",
                    "features/LIVE_VQC_VIDEVAL_feats.mat",
                    257653,
                    "38a0b51990441cee3dff91cf37b890989c4156f3649ccedeced790994061664f",
                ),
                "brisque": PublishedFile(
                    "bvqa_benchmark",
                    "LIVE_VQC_BRISQUE_feats.mat",
                    148568,
                    "6bb03c060d639b48f9fb9e70a1bdfa5471133ab7915c85fffb7ffd4f0bfaf842",
                ),
            },
        ),
        DatasetInfo(
            "youtube-ugc",
            1380,
            (1, 5),
            "videos CC BY",
            "https://media.withyoutube.com/",
            PublishedFile(
                "videval",
                "features/YOUTUBE_UGC_metadata.csv",
                166377,
                "a870d74574894a9780255401b45b5e83a3708aa8285bd0a260d49048afaea90d",
            ),
            "vid",
            "MOSFull",
            "stdFull",
            "x_Subjects",
            tables={
                "videval": PublishedFile(
                    "videval",
                    "features/YOUTUBE_UGC_VIDEVAL_feats.mat",
                    620341,
                    "0a3e3a6fd7d08e02bb75488bca2d538efb6aad00057cc0f133b7661c6d8e9701",
                ),
                "brisque": PublishedFile(
                    "bvqa_benchmark",
                    "YOUTUBE_UGC_BRISQUE_feats.mat",
                    345986,
                    "a2012de30b56c86b3d687623c8e671fc3afdd399e9782176f7f84bdf86131514",
                ),
            },
            note="published tables leave out 57 grayscale videos; here all are kept",
        ),
        DatasetInfo(
            "live-vqa",
            150,
            (0, 100),
            _ASK,
            "https://live.ece.utexas.edu/research/quality/live_video.html",
            PublishedFile(
                "videval",
                "features/LIVE_VQA_metadata.csv",
                6154,
                "54822e0b93318f4a09ec3068015a90a3ae4b470f23a826a02529934870af235a",
            ),
            "filename",
            "MOS",
            "std",
            tables={
                "videval": PublishedFile(
                    "videval",
                    "features/LIVE_VQA_VIDEVAL_feats.mat",
                    67793,
                    "d37494ae6d5a78d941d412051ef40fc2e999dfdcb2cde32c278eabcc8ec294ce",
                )
            },
            group=_live_vqa_content,
            differential=True,
            note="the column called MOS holds DMOS; ten source contents, whose versions random splits mix",
        ),
        DatasetInfo(
            "lsvq",
            38794,
            (0, 100),
            _ASK,
            "https://github.com/baidut/PatchVQ",
            PublishedFile(
                "labels",
                "LSVQ_TRAIN_metadata.csv",
                2528312,
                "c8ed2470905c518a1c3e5028a2225de00ca92d655a3d506a3ea899bb4637f997",
            ),
            "vid",
            parts={
                "lsvq-test": PublishedFile(
                    "labels",
                    "LSVQ_TEST_metadata.csv",
                    650754,
                    "3afff6ed4c4066fc08cb40774cacb86eed069b26ecc137f5d590819572851c52",
                ),
                "lsvq-1080p": PublishedFile(
                    "labels",
                    "LSVQ_TEST_1080P_metadata.csv",
                    285104,
                    "ccef0a015a14d1cbe16a11b3f0893f0c44feb8868a3bc7244cb710f497b9f67f",
                ),
            },
            note="official split into train, test, 1080p test; names repeat, so ids are folder/name",
        ),
        DatasetInfo(
            "cvd2014",
            234,
            (-6.5, 93.38),
            _ASK,
            "https://www.helsinki.fi/en/researchgroups/visual-cognition/cvd2014",
            PublishedFile(
                "labels",
                "CVD_2014_metadata.csv",
                20999,
                "fa809a6bff315a3c5b190d5cac4a8e81e57213511a2bca571c68b07f1ed740ba",
            ),
            "vid",
            index=PublishedFile(
                "splits",
                "CVD2014info.mat",
                558304,
                "7b8fae79536189a16bba4ee1fc9b70b6539cef4efc4064d33b650691584d3b4c",
            ),
            group=_cvd2014_content,
            note="five scenes filmed by many cameras; the official permutations ignore scenes",
        ),
        DatasetInfo(
            "live-qualcomm",
            208,
            (0, 100),
            _ASK,
            "https://live.ece.utexas.edu/research/incaptureDatabase/index.html",
            PublishedFile(
                "labels",
                "LIVE_QUALCOMM_metadata.csv",
                22049,
                "84cf0271f35dcf259df2bb20310caf34e322a2c9855bc142611e7b5a49b86d79",
            ),
            "vid",
            index=PublishedFile(
                "splits",
                "LIVE-Qualcomminfo.mat",
                499558,
                "67a3e6a58e511952cfefe0e9e914465d8eefc8a0f950c0c823a704805d9b3fca",
            ),
            group=_qualcomm_content,
            note="about 54 scenes filmed by four telephones each; the official permutations ignore scenes",
        ),
        DatasetInfo(
            "live-yt-gaming",
            600,
            (0, 100),
            _ASK,
            "https://live.ece.utexas.edu/research/LIVE-YT-Gaming/index.html",
            note="no public label file is known: request one from the home page and pass it as MOS file",
        ),
    )
}
