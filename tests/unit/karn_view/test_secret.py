import os
import resource
import stat
from pathlib import Path

import pytest
from karn_view.errors import CannotServe, KarnViewError
from karn_view.secret import TOKEN, kept_token, new_token


def test_a_token_has_128_random_bits_and_more() -> None:
    assert len({new_token() for _ in range(100)}) == 100
    assert len(new_token()) * 6 >= 128
    assert TOKEN.fullmatch(new_token())


def test_a_missing_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        token = kept_token(tmp_path / "token")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "token").stat().st_mode) == 0o600
    assert kept_token(tmp_path / "token") == token


def test_a_full_disk_leaves_no_file_without_a_token(tmp_path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limit[1]))
    try:
        with pytest.raises(CannotServe, match="File too large"):
            kept_token(tmp_path / "token")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert TOKEN.fullmatch(kept_token(tmp_path / "token"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "token"
    path.write_text("secret\n")
    path.chmod(mode)
    with pytest.raises(KarnViewError, match="chmod 600"):
        kept_token(path)


@pytest.mark.parametrize("content", ["", "\n", "two words", "ä", "a\nb", "x" * 2_000])
def test_a_file_without_a_token_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "token"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(KarnViewError, match="holds no token"):
        kept_token(path)


def test_neither_a_link_nor_a_pipe_nor_a_folder_is_read(tmp_path: Path) -> None:
    kept_token(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(0o700)
    for name in ("link", "pipe", "folder", "missing/token"):
        with pytest.raises((KarnViewError, CannotServe)):
            kept_token(tmp_path / name)
