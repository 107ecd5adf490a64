"""Names of columns that describe a video, its opinions or a study, and are not its features."""

from __future__ import annotations

import re

#: Words that such a name holds at least one of.
_SUBJECTS = frozenset(
    "mos dmos zmos pmos acr dcr dsis elo jod jnd score scores scored label labels rating ratings rated vote "
    "votes voters opinion opinions subject subjects rater raters observer observers annotator annotators "
    "participants target targets groundtruth truth gt fold folds split splits partition subset qp crf cq "
    "qscale quantizer vbv bitrate bitrates bitdepth kbps mbps duration length len size filesize bytes width "
    "height resolution fps framerate framecount framenum framenumber frames nframes pixels pixelcount codec "
    "preset gop hrc distortion year month date timestamp index idx id rank views viewcount likes likecount "
    "dislikes comments commentcount category class device camera session batch sos srocc outliers zscore "
    "zscores".split()
)
#: Words that such a name may hold beside them.
_QUALIFIERS = frozenset(
    "num nb number n no of count counts mean avg average median mode std sd stddev stdev dev deviation "
    "var variance sem se err error ci conf confidence interval raw norm normalized normalised scaled z "
    "min max low high lower upper total sum per value video videos clip file frame frames image img bit "
    "sample test train val valid validation is has overall final quality subjective human user viewer "
    "crowd lab true rate type level name ms sec s in kb mb hz upload uploaded publish published target "
    "original cv ground mu sigma".split()
)
#: Names of several words, none of which says it alone, and single words that are names of features in others.
_COMPACT = frozenset(
    "aspectratio aspect dar sar samplecount spatialresolution megapixels bitsperpixel bpp rframerate "
    "numframes std sd stddev numvotes ci95 ci95low ci95high cilow cihigh cilower ciupper lowci highci "
    "lowerci upperci confint confidenceinterval sem overallquality subjectivequality ytrue istest istrain "
    "isval istraining train test val trainval traintest set kfold count counts n row rownum rownumber "
    "rowindex res time seconds uploadtime profile pvs src disttype distlevel impairment condition "
    "testcondition license licence age gender experiment study outlierratio rejected sosalpha btscore "
    "pcscore ranking winrate".split()
)
#: Published scores whose names consist of words of metadata.
_FEATURES = frozenset({"clipscore", "distortionscore"})
#: Words of single opinions, and of studies, told by a number.
_PERSONS = frozenset(
    "rating vote opinion subject subj rater observer obs annotator participant user viewer worker".split()
)
_NUMBERED = frozenset("mos dmos fold split".split())
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def names_metadata(name: str) -> bool:
    """Return whether a name consists of words of metadata, such as ``mos_std``, ``fileSize`` or ``rater_12``.

    Upper and lower case and separators do not matter. A number makes it a feature (``score_7``), unless it
    counts persons or is part of a MOS or a split. Any name that ends with the word ``id`` is metadata.
    """
    words = _compounds([word.lower() for word in _WORD.findall(name)])
    compact = "".join(words)
    if compact in _FEATURES:
        return False
    if compact in _COMPACT or words[-1:] == ["id"]:
        return True
    named = [word for word in words if not word.isdecimal()]
    counted = not (_PERSONS | _NUMBERED).isdisjoint(named)
    if len(named) < len(words) and not counted:
        return False
    subjects = _SUBJECTS | _PERSONS if len(words) > 1 else _SUBJECTS
    return not subjects.isdisjoint(named) and (subjects | _QUALIFIERS).issuperset(named)


def _compounds(words: list[str]) -> list[str]:
    """Return words of which two that follow each other are one if it is a subject: bit rate, frame count."""
    found: list[str] = []
    for word in words:
        if found and found[-1] + word in _SUBJECTS:
            found[-1] += word
        else:
            found.append(word)
    return found
