"""A cache folder that is missing, read-only or open to others is not used, and costs one sentence."""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from other_users import UNKNOWN, install, run_as_unknown
from small_videos import moving

import vqa_features as vf
from vqa_features.caches import cache_home, is_private, is_writable
from vqa_features.tables.reading import read_table

COMMAND = ("-m", "vqa_features")
NO_HOMES = [{}, {"HOME": "/nonexistent"}, {"HOME": "/"}, {"HOME": ""}, {"HOME": "relative"}]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "folder"
    path.mkdir(mode=0o700)
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, which those of pytest are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o1777)
        yield Path(name)


@pytest.mark.parametrize(
    ("mode", "private"), [(0o700, True), (0o755, True), (0o777, False), (0o1777, False), (0o707, False)]
)
def test_a_folder_is_private_if_no_other_user_may_write_there(
    folder: Path, mode: int, private: bool, tmp_path: Path
) -> None:
    folder.chmod(mode)
    assert is_private(folder) is private
    (tmp_path / "link").symlink_to(folder)
    assert is_private(tmp_path / "link") is private


@pytest.mark.parametrize(("mode", "private"), [(0o755, True), (0o775, True), (0o1777, True), (0o777, False)])
def test_a_folder_that_others_can_rename_is_not_private(folder: Path, mode: int, private: bool) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    folder.chmod(mode)
    assert is_private(folder / "a" / "b") is private


@as_root
def test_a_folder_of_another_user_or_group_is_not_private(folder: Path, tmp_path: Path) -> None:
    folder.chmod(0o775)
    assert is_private(folder)  # root's group
    os.chown(folder, 0, UNKNOWN)
    assert not is_private(folder)
    folder.chmod(0o755)
    assert is_private(folder)
    os.chown(folder, UNKNOWN, 0)
    assert not is_private(folder)
    (tmp_path / "code.py").touch()
    os.chown(tmp_path / "code.py", UNKNOWN, UNKNOWN)
    assert is_private(folder, tmp_path / "code.py")  # who owns the source can run anything


def test_a_missing_folder_is_neither_private_nor_made_where_it_cannot_be(tmp_path: Path) -> None:
    assert not is_private(tmp_path / "none")
    assert not is_writable(Path("/dev/null/none"))
    assert is_writable(tmp_path / "new" / "deep")
    assert (tmp_path / "new" / "deep").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("given", ["cache", "~/cache", "./cache"])
def test_a_relative_cache_folder_is_never_below_the_current_one(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", given)
    assert cache_home().is_absolute()
    assert tmp_path not in cache_home().parents


@pytest.mark.parametrize("home", NO_HOMES, ids=str)
def test_commands_that_cache_nothing_need_no_home(open_folder: Path, home: dict[str, str]) -> None:
    done = run_as_unknown(*COMMAND, "list", cwd=open_folder, **home)
    assert (done.returncode, done.stderr) == (0, "")
    assert "brisque" in done.stdout
    assert list(open_folder.iterdir()) == []


def test_the_doctor_says_that_there_is_no_cache_folder(open_folder: Path) -> None:
    done = run_as_unknown(*COMMAND, "doctor", cwd=open_folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cannot be written: set VQA_FEATURES_CACHE to another" in done.stdout


@pytest.mark.parametrize("home", NO_HOMES[:2], ids=str)
def test_an_extraction_without_home_on_a_read_only_installation(
    open_folder: Path, tmp_path: Path, home: dict[str, str]
) -> None:
    package = install(tmp_path / "site")
    for number in range(3):
        moving(tmp_path / f"v{number}.mp4", 3)
    (open_folder / "tmp").mkdir()
    (open_folder / "tmp").chmod(0o1777)
    videos = sorted(tmp_path.glob("*.mp4"))
    asked = ("extract", *videos, "-e", "siti", "--jobs", "2", "-o", "t.csv")
    done = run_as_unknown(
        *COMMAND, *asked, cwd=open_folder, package=package, TMPDIR=str(open_folder / "tmp"), **home
    )
    assert done.returncode == 0, done.stderr
    told = [line for line in done.stderr.splitlines() if "warning" in line.lower()]
    assert len(told) == 1, done.stderr
    assert "what is cached is kept for this run only; set XDG_CACHE_HOME" in told[0]
    assert sorted(path.name for path in open_folder.iterdir()) == ["t.csv", "t.csv.settings.json", "tmp"]
    assert list((open_folder / "tmp").iterdir()) == []
    assert not list(package.rglob("*.nb[ic]"))
    expected = vf.extract_many(videos, "siti")
    np.testing.assert_array_equal(read_table(open_folder / "t.csv")["siti.ti.mean"], expected["siti.ti.mean"])


RUN_FOLDER = """
import os, subprocess, sys
from vqa_features import caches
if len(sys.argv) > 1:
    print(caches.run_folder())
    sys.exit()
caches.prepare()
caches.prepare()
folder = caches.run_folder()
print(folder, oct(folder.stat().st_mode)[-3:], os.environ["MPLCONFIGDIR"], os.environ["HF_HOME"])
print(subprocess.check_output([sys.executable, __file__, "worker"], text=True), end="")
"""


def test_the_folder_of_a_run_is_shared_with_its_workers_and_removed(
    open_folder: Path, tmp_path: Path
) -> None:
    package = install(tmp_path / "site")
    (tmp_path / "use.py").write_text(RUN_FOLDER)
    done = run_as_unknown(tmp_path / "use.py", cwd=open_folder, package=package, TMPDIR=str(open_folder))
    first, second = done.stdout.splitlines()
    made, mode, matplotlibs, hugging = first.split()
    assert (Path(made).parent, mode, second) == (open_folder, "700", made)
    assert (matplotlibs, hugging) == (f"{made}/matplotlib", f"{made}/huggingface")
    assert not Path(made).exists()
    assert done.stderr.count("RuntimeWarning") == 1


@pytest.mark.parametrize("shared_memory", [True, False])
def test_without_temporary_files_shared_memory_serves_else_nothing_is_cached(
    tmp_path: Path, shared_memory: bool
) -> None:
    package = install(tmp_path / "site")
    code = "from vqa_features import caches; import tempfile; tempfile.tempdir = '/missing'\n"
    code += "" if shared_memory else "caches._SHARED_MEMORY = '/missing'\n"
    code += "caches.prepare(); caches.prepare(); print(caches.run_folder())"
    done = run_as_unknown("-c", code, cwd=tmp_path, package=package)
    assert (done.stdout == "None\n") != shared_memory
    assert done.stdout.startswith("/dev/shm/vqa-features-") == shared_memory
    assert not Path(done.stdout.strip()).exists()
    told = "nothing is cached, since there is no folder of temporary files either"
    assert (done.stderr.count(told), done.stderr.count("RuntimeWarning")) == (int(not shared_memory), 1)


def test_a_folder_given_to_a_worker_by_someone_else_is_not_used(open_folder: Path) -> None:
    code = "from vqa_features import caches; print(caches.run_folder())"
    given = {"VQA_FEATURES_RUN_FOLDER": str(open_folder)}
    assert run_as_unknown("-c", code, cwd=open_folder, **given).stdout == "None\n"


class Planted:
    """A pickle that makes a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


def test_code_is_not_taken_from_a_cache_that_others_can_write(open_folder: Path, tmp_path: Path) -> None:
    package = install(tmp_path / "site")
    cache = open_folder / "cache"
    cache.mkdir()
    os.chown(cache, UNKNOWN, UNKNOWN)
    mark = open_folder / "code-was-run"
    code = "import numpy as np\nfrom vqa_features.extractors.handcrafted import _siti as s\n"
    code += "print(s._gradient_sums.stats.cache_path)\n"
    code += "s._gradient_sums(np.zeros((9, 9), np.uint8)) if len(__import__('sys').argv) > 1 else None"
    options = {"XDG_CACHE_HOME": str(cache), "TMPDIR": str(open_folder), "HOME": "/nonexistent"}
    trusted = run_as_unknown("-c", code, cwd=open_folder, package=package, **options)
    place = Path(trusted.stdout.strip())
    assert cache in place.parents
    for name in ("_siti._gradient_sums-75", "_siti._difference_sums-100"):
        version = f"py{sys.version_info.major}{sys.version_info.minor}"
        (place / f"{name}.{version}.nbi").write_bytes(pickle.dumps(Planted(mark)))
    cache.chmod(0o777)
    done = run_as_unknown("-c", code, "compile", cwd=open_folder, package=package, **options)
    assert done.returncode == 0, done.stderr
    assert cache not in Path(done.stdout.strip()).parents
    assert not mark.exists()
    assert done.stderr.count("every user can write in it") == 1
