"""IL-NIQE: principal components of 468 statistics of a colour frame, and the opinion-unaware score.

Matched is the authors' release. Its template states no licence and is not shipped: it is fetched or
imported like a network's weights, or given as a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from vqa_features import checkpoints as weight_files
from vqa_features.column_facts import ColumnFacts
from vqa_features.errors import ParameterError
from vqa_features.extractor import Extractor, Session
from vqa_features.files.names import escaped_name
from vqa_features.specs import Checkpoint, Cost, Feature, VideoInfo

from ._columns import FEATURES

RELEASE = "https://github.com/milestonesvn/ILNIQE"
TEMPLATE = Checkpoint(
    tag="tip2015",
    url=RELEASE,
    licence="none stated",
    file="templateModel.mat",
    sha256="14f4919a630498d732bbf11837d894d45a57f89c9ed84bea98851147290ce93c",
    size=2764281,
    layout="MATLAB cell templateModel: mean, covariance, centre, axes",
    by_hand=True,
    seen="seen in milestonesvn/ILNIQE 8736321",
)


@dataclass(frozen=True)
class IlNiqe(Extractor):
    """430 components, averaged over 36 blocks of a frame resized to 524 x 524, and the score.

    A block without a defined statistic (a flat one) is left out of the components; the score is nan
    with fewer than two others.

    Parameters
    ----------
    weights : str, optional
        Path of the release's ``templateModel.mat``, no other file; None for the one in the cache folder.
    """

    weights: str | None = None

    name: ClassVar[str] = "il-niqe"
    group: ClassVar[str] = "nss"
    cost: ClassVar[Cost] = "heavy"
    needs: ClassVar[tuple[str, ...]] = ("rgb",)
    column_facts: ClassVar[ColumnFacts] = {
        "unit": "1",
        "direction": "none",
        "resolution": "524x524 and half of it",
    }
    references: ClassVar[tuple[str, ...]] = (
        "L. Zhang, L. Zhang and A. C. Bovik, A feature-enriched completely blind image quality "
        "evaluator, IEEE TIP 24(8), 2015",
        "authors' release (milestonesvn/ILNIQE 8736321), scores within 2e-6",
    )
    checkpoints: ClassVar[tuple[Checkpoint, ...]] = (TEMPLATE,)

    @property
    def features(self) -> tuple[Feature, ...]:
        """Components in the template's order, then the score."""
        return FEATURES

    def open(self, info: VideoInfo) -> Session:
        """Return a session with the template.

        Raises
        ------
        WeightsMissing
            If the template is not there, saying how to get it.
        ParameterError
            If it is another file. Such files are not read: damaged MATLAB files can crash the process.
        """
        from ._session import _IlNiqeSession, read_template

        with weight_files.opened(self.name, self.checkpoints, self.weights) as file:
            if file.sha256 != TEMPLATE.sha256:
                raise ParameterError(
                    f"{escaped_name(file.path)} is not IL-NIQE's templateModel.mat, whose SHA-256 is "
                    f"{TEMPLATE.sha256}; give the file of {RELEASE}"
                )
            return _IlNiqeSession(read_template(file.stream))

    def weights_sha256(self) -> str | None:
        """Hash of the template."""
        return weight_files.expected_sha256(self.name, self.checkpoints, self.weights)
