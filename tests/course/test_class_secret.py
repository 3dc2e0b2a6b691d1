"""The secret of a course: made by chance, for one reader, told apart and never told."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from autograder.secret import PUBLIC, course_secret, fingerprint, new_secret
from tests.course.classes import autograder


def test_a_new_secret_is_long_random_and_for_its_owner_alone(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("spring", "autumn")]
    made = [new_secret(file) for file in files]
    secrets = [course_secret({"AUTOGRADER_SECRET_FILE": str(file)}) for file in files]
    assert len(set(secrets)) == len(set(made)) == 2
    for file, secret, shown in zip(files, secrets, made, strict=True):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert len(bytes.fromhex(secret)) == 32
        assert fingerprint(secret) == shown
        assert shown not in secret


def test_a_secret_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("old", "link"):
        with pytest.raises(FileExistsError):
            new_secret(tmp_path / name)
    assert (tmp_path / "old").read_text() == "precious"
    assert not (tmp_path / "nowhere").exists()


def test_the_public_one_is_called_so() -> None:
    assert fingerprint(course_secret({})) == fingerprint(PUBLIC) == "public"
    assert fingerprint("mellon") != fingerprint("melon")


def test_the_commands_make_a_secret_and_tell_its_fingerprint_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    done = autograder("secret", "new", file)
    assert done.returncode == 0
    shown = autograder("secret", "show", file).stdout.strip()
    assert shown in done.stdout
    assert file.read_text().strip() not in done.stdout + shown
    again = autograder("secret", "new", file)
    assert (again.returncode, again.stdout) == (2, "")
    assert "name a new file" in again.stderr


@pytest.mark.parametrize("name", ["missing/secret", "empty"])
def test_an_unusable_place_is_refused_in_a_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    verb = "new" if "/" in name else "show"
    done = autograder("secret", verb, tmp_path / name)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
