"""What is named becomes one input per video: folders, links, patterns, names given twice, ids."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vqa_features.batch.inputs import Input, find_inputs
from vqa_features.errors import ParameterError


class Found:
    """Inputs found, and what was told on the way."""

    def __init__(self, *names: str | Path | Input) -> None:
        self.told: list[str] = []
        self.inputs = find_inputs(names, tell=self.told.append)
        self.ids = [one.id for one in self.inputs]
        self.paths = [one.path for one in self.inputs]


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_gives_its_videos_in_order_and_no_others(tmp_path: Path) -> None:
    touch(tmp_path, "b.mp4", "a/z.MKV", "a.mov", "a/notes.txt", "list.csv.bak")
    found = Found(tmp_path)
    assert (found.ids, found.told) == (["z", "a", "b"], [])
    assert found.paths == [str(tmp_path / name) for name in ("a/z.MKV", "a.mov", "b.mp4")]


def test_hidden_names_are_left_out_and_counted_if_they_are_videos(tmp_path: Path) -> None:
    touch(tmp_path, "c.mp4", "._c.mp4", ".hidden.mkv", ".cache/x/d.mp4", ".git/config", ".DS_Store")
    found = Found(tmp_path)
    assert found.ids == ["c"]
    assert found.told == [f"'{tmp_path}': 3 hidden video(s) or folder(s) of videos are left out"]
    assert Found(tmp_path / "._c.mp4").ids == ["._c"]  # named by hand
    assert Found(tmp_path / ".cache").ids == ["d"]


def test_a_folder_of_nothing_but_hidden_files_holds_no_video(tmp_path: Path) -> None:
    touch(tmp_path, "._c.mp4", "notes.txt")
    with pytest.raises(ParameterError, match="holds no video"):
        Found(tmp_path)


def test_pictures_are_rows_of_their_own_beside_videos(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "deep/b.JPEG", "c.tif", "d.webp", "notes.txt")
    assert Found(tmp_path).ids == ["a", "c", "d", "b"]
    assert Found(tmp_path).told == []
    touch(tmp_path, "clip.mp4")
    found = Found(tmp_path)
    assert found.ids == ["a", "c", "clip", "d", "b"]
    assert found.told == ["4 still picture(s) among 1 video(s): each is a row of one frame"]
    assert Found(f"{tmp_path}/*.png").ids == ["a"]


def test_a_picture_with_the_name_of_a_video_is_its_thumbnail(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4", "clip.jpg", "other.mkv", "other.png", "deep/still.png")
    for name in (tmp_path, f"{tmp_path}/**"):
        found = Found(name)
        assert sorted(found.ids) == ["clip", "other", "still"]
        assert "2 picture(s) have the name of a video beside them" in found.told[0]
        assert "clip.jpg" in found.told[0]
        assert "name them" in found.told[0]
    assert len(Found(tmp_path / "clip.mp4", tmp_path / "clip.jpg").ids) == 2  # named by hand


def test_links_to_folders_are_followed_and_loops_end(tmp_path: Path) -> None:
    touch(tmp_path, "outside/c.mp4", "in/a.mp4", "in/deep/b.mp4")
    (tmp_path / "in/link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/back").symlink_to(tmp_path / "in")
    (tmp_path / "in/deep/up").symlink_to("..")
    (tmp_path / "in/0self").symlink_to(".")
    for name in (tmp_path / "in", f"{tmp_path}/in/**/*.mp4", f"{tmp_path}/in/**"):
        found = Found(name)
        assert (sorted(found.ids), found.told) == (["a", "b", "c"], [])
        assert str(tmp_path / "in/deep/b.mp4") in found.paths


def test_a_file_reached_twice_has_one_row_and_keeps_its_own_name(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4")
    (tmp_path / "0.mp4").symlink_to("clip.mp4")
    found = Found(tmp_path, tmp_path / "clip.mp4", f"{tmp_path}/x/../clip.mp4")
    assert found.ids == ["clip"]
    assert found.told == [
        "3 name(s) are of files that have a row already and are left out: "
        f"{tmp_path}/0.mp4, {tmp_path}/clip.mp4, {tmp_path}/x/../clip.mp4"
    ]


def test_a_relative_and_an_absolute_name_are_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "clip.mp4")
    monkeypatch.chdir(tmp_path)
    found = Found("clip.mp4", "./clip.mp4", tmp_path / "clip.mp4", ".")
    assert (found.paths, found.ids) == (["clip.mp4"], ["clip"])
    with pytest.warns(UserWarning, match=r"3 name\(s\) are of files that have a row"):
        find_inputs(["clip.mp4", "./clip.mp4", tmp_path / "clip.mp4", "."])


def test_a_file_with_ids_or_samplings_of_its_own_has_a_row_for_each(tmp_path: Path) -> None:
    touch(tmp_path, "clip.mp4")
    listing = tmp_path / "list.csv"
    listing.write_text("path,id,start_s,mos\nclip.mp4,first,0,3\nclip.mp4,second,5,4\nclip.mp4,second,5,4\n")
    found = Found(tmp_path / "clip.mp4", listing)
    assert found.ids == ["first", "second"]
    assert len(found.told) == 1
    listing.write_text("path,mos\nclip.mp4,3\nclip.mp4,4\n")
    with pytest.raises(ParameterError, match="two inputs have the id"):
        Found(listing)


def test_a_link_that_leads_nowhere_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "gone.mp4").symlink_to("nothing.mp4")
    (tmp_path / "loop.mp4").symlink_to("loop.mp4")
    assert Found(tmp_path).ids == ["gone", "loop"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everywhere")
def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "closed/b.mp4")
    (tmp_path / "closed").chmod(0)
    found = Found(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert found.told == [f"'{tmp_path}/closed' cannot be read and is left out: Permission denied"]


@pytest.mark.parametrize(
    ("pattern", "ids"),
    [
        ("*", ["a", "b", "c"]),  # the folder s is searched, as a shell would pass it on
        ("*.mp4", ["a"]),
        ("*.raw", ["x.raw"]),
        ("s/*", ["b", "c"]),
        ("**/*.m[ok][vV]", ["b"]),
        ("**/c*", ["c"]),
        ("**/t/*", ["c"]),
        ("s/**", ["b", "c"]),
    ],
)
def test_patterns_follow_the_rule_of_folders(tmp_path: Path, pattern: str, ids: list[str]) -> None:
    touch(tmp_path, "a.mp4", "x.raw", "notes.txt", "._a.mp4", "s/b.mov", "s/t/c.ts", "s/.t/d.ts")
    assert sorted(Found(f"{tmp_path}/{pattern}").ids) == ids


def test_a_pattern_of_no_video_says_so(tmp_path: Path) -> None:
    touch(tmp_path, "notes.txt")
    with pytest.raises(ParameterError, match=r"\*' holds no video"):
        Found(f"{tmp_path}/*")


def test_a_name_that_exists_is_no_pattern(tmp_path: Path) -> None:
    touch(tmp_path, "a[1].mp4", "a1.mp4")
    assert Found(tmp_path / "a[1].mp4").ids == ["a[1]"]


@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (["a/clip.mp4", "b/clip.mp4"], ["a/clip", "b/clip"]),
        (["a/x/clip.mp4", "b/x/clip.mp4", "b/y.mp4"], ["a/x/clip", "b/x/clip", "y"]),
        (["clip.mp4", "clip.m4v", "other.mp4"], ["clip.mp4", "clip.m4v", "other"]),
        (["a/clip.mp4", "a/clip.m4v", "b/clip.mp4"], ["a/clip.mp4", "a/clip.m4v", "b/clip"]),
        (["x.mov.mp4", "x.mp4"], ["x.mov", "x"]),
        (["x.mov.mp4", "x.mov", "x.mp4"], ["x.mov.mp4", "x.mov", "x.mp4"]),
        (["clip.vob", "other.mp4"], ["clip", "other"]),
        (["clip.dat"], ["clip.dat"]),
        (["Clip.mp4", "clip.mp4"], ["Clip", "clip"]),
        (["a .mp4", "a.mp4"], ["a .mp4", "a.mp4"]),
        (["001.mp4", "1.0.mp4", "1.mp4"], ["001", "1.0", "1"]),
    ],
)
def test_ids_are_distinct_and_as_short_as_can_be(tmp_path: Path, files: list[str], ids: list[str]) -> None:
    touch(tmp_path, *files)
    assert Found(*(tmp_path / name for name in files)).ids == ids


def test_given_ids_stay_and_others_give_way(tmp_path: Path) -> None:
    touch(tmp_path, "v/clip.mp4", "w/other.mp4")
    found = Found(Input(str(tmp_path / "w/other.mp4"), id="clip"), tmp_path / "v/clip.mp4")
    assert found.ids == ["clip", "v/clip"]
    with pytest.raises(ParameterError, match="two inputs have the id 'x'"):
        Found(Input("a.mp4", id="x"), Input("b.mp4", id="x"))


def test_names_and_records_may_be_mixed(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "c.mp4")
    found = Found(tmp_path / "a.mp4", Input(str(tmp_path / "b.mp4")), Input(str(tmp_path / "c.mp4"), id="z"))
    assert found.ids == ["a", "b", "z"]
