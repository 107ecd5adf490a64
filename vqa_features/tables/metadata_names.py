"""Names of columns that describe a video, its opinions or a study, and are not its features."""

from __future__ import annotations

import re

#: Words that such a name holds at least one of.
_SUBJECTS = frozenset(
    "mos dmos score scores scored label labels rating ratings rated vote votes voters opinion "
    "opinions subject subjects rater raters observer observers annotator annotators participants "
    "target targets groundtruth truth gt fold folds split splits partition subset qp crf cq vbv "
    "bitrate bitrates kbps mbps duration length size filesize bytes width height resolution fps "
    "framerate framecount frames nframes pixels codec preset gop hrc distortion year month date "
    "timestamp index idx id rank views likes dislikes comments category class device camera "
    "session batch sos srocc outliers zscore zscores".split()
)
#: Words that such a name may hold beside them.
_QUALIFIERS = frozenset(
    "num nb number n no of count counts mean avg average median mode std sd stddev dev deviation "
    "var variance sem se err error ci conf confidence interval raw norm normalized normalised "
    "scaled z min max total sum per video videos clip file frame frames bit sample test train val "
    "valid validation is has overall final quality subjective human user viewer crowd rate depth "
    "type level name ms sec s in kb mb hz target original cv ground".split()
)
#: Names of several words, none of which says it alone.
_COMPACT = frozenset(
    "bitrate bitdepth framerate framecount numframes nframes filesize aspectratio samplecount std "
    "sd stddev numvotes ci ci95 ci95low ci95high sem istest istrain isval istraining kfold count "
    "counts n".split()
)
#: Words of single opinions, told by a number.
_PERSONS = frozenset("rating vote opinion subject rater observer annotator participant user viewer".split())
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def names_metadata(name: str) -> bool:
    """Return whether a name consists of words of metadata, such as ``mos_std``, ``fileSize`` or ``rater_12``.

    Upper and lower case and separators do not matter. A number makes it a feature (``score_7``), unless it
    counts persons.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if "".join(words) in _COMPACT:
        return True
    if len(words) == 2 and words[0] in _PERSONS and words[1].isdecimal():
        return True
    return any(word in _SUBJECTS for word in words) and all(
        word in _SUBJECTS or word in _QUALIFIERS for word in words
    )
