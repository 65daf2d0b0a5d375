"""Files of JSON lines: whatever a crash left, nothing whole is lost and nothing broken is read."""

import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from medaction.distill.lines import LinesError, LineWriter, read_json_lines, unfinished

WHOLE = b'{"n":1}\n{"n":2}\n'


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"", b""),
        (WHOLE, WHOLE),
        (WHOLE + b'{"n":', WHOLE),
        (WHOLE + b'{"n":3}', WHOLE),
        (WHOLE + b"\0\0\0\0\n", WHOLE),
        (WHOLE + b"\0" * 70_000, WHOLE),
        (b'{"n":', b""),
        (b'{"n":"' + b"x" * 200_000 + b'"}\n{', b'{"n":"' + b"x" * 200_000 + b'"}\n'),
    ],
)
def test_an_unfinished_tail_is_cut_and_said(tmp_path: Path, content: bytes, kept: bytes) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(content)
    with LineWriter(path) as writer:
        assert writer.cut == len(content) - len(kept)
        writer.append(b'{"n":9}')
    assert path.read_bytes() == kept + b'{"n":9}\n'


@pytest.mark.parametrize("cut", range(len(WHOLE) + 1))
def test_every_place_to_be_killed_at(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(WHOLE[:cut])
    whole = WHOLE[:cut].count(b"\n")
    assert [record["n"] for record in read_json_lines(path)] == [1, 2][:whole]
    assert unfinished(path) == cut - len(b'{"n":1}\n') * whole
    LineWriter(path).close()
    assert path.read_bytes() == b'{"n":1}\n{"n":2}\n'[: 8 * whole]


def test_a_broken_line_in_the_middle_is_an_error_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.write_bytes(b'{"n":1}\nno\n{"n":2}\n')
    with pytest.raises(LinesError, match=r"lines\.jsonl, line 2"):
        list(read_json_lines(path))


def test_a_file_that_is_not_there_has_no_lines(tmp_path: Path) -> None:
    assert list(read_json_lines(tmp_path / "none.jsonl")) == []
    assert unfinished(tmp_path / "none.jsonl") == 0


FULL = """
import sys
from pathlib import Path
from medaction.distill.lines import LineWriter
writer = LineWriter(Path(sys.argv[1]))
try:
    for number in range(1000):
        writer.append(b'{"n":%d,"text":"%s"}' % (number, b"x" * 500))
except OSError as error:
    print(error.errno)
"""


def test_a_full_disk_leaves_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, preexec_fn=limit, check=False
    )
    assert done.stdout.strip() == "27", done.stderr  # EFBIG: what this limit says in place of ENOSPC
    assert 19_000 < path.stat().st_size <= 20_000
    numbers = [record["n"] for record in read_json_lines(path)]
    assert numbers == list(range(len(numbers)))
    assert unfinished(path) == 0
