"""`allteach chart` and `allteach funnel` as people type them."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from allteach.cli import EXIT, NOUNS, main
from allteach.errors import ChartError

ROWS = "ward,month,falls,patients\n" + "".join(
    f"{ward},2024-{month:02d}-01,{falls + extra},100\n"
    for ward, extra in (("Ward 1", 0), ("Ward 2", 1))
    for month, falls in enumerate([9, 8, 11, 7, 10, 9, 8, 12, 9, 10, 8, 9], start=1)
)


@dataclass
class Done:
    """What a command left behind."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in this process, which spares the start of Python each time."""

    def type_in(*words: object, given: str = "", folder: Path | None = None) -> Done:
        monkeypatch.setattr(sys, "argv", ["allteach", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        if folder is not None:
            monkeypatch.chdir(folder)
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        out, err = capfd.readouterr()
        return Done(code, out, err)

    return type_in


def test_installed_command() -> None:
    command = [sys.executable, "-c", "from allteach.cli import main; main()", "chart", "-", "--kind", "p"]
    done = subprocess.run(command, input=ROWS, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Falls steady at ")


@pytest.fixture
def falls(tmp_path: Path) -> Path:
    path = tmp_path / "falls.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_help_is_quick_and_complete() -> None:
    code = (
        "import sys; from allteach.cli import app; sys.argv = ['allteach', '--help']\n"
        "try: app()\nexcept SystemExit: pass\n"
        "print('HEAVY', sorted({'numpy', 'scipy', 'django', 'pyarrow', 'pptx', 'rich'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "HEAVY []" in said
    assert "chart" in said
    assert "funnel" in said
    assert set(NOUNS) >= {"serve", "chart", "funnel"}


def test_help_shows_examples(run: Run) -> None:
    for noun in ("chart", "funnel"):
        said = run(noun, "--help").stdout
        assert f"allteach {noun} " in said
        assert "Examples:" in said
        assert "\b" not in said


def test_version(run: Run) -> None:
    from allteach import __version__

    assert run("--version").stdout == f"allteach {__version__}\n"


def test_words_and_files(run: Run, falls: Path, tmp_path: Path) -> None:
    done = run("chart", "falls.csv", "--direction", "lower", "--out", "a.svg", "--out", "a.pptx", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Falls steady at ")
    assert "chosen." in done.stderr
    assert "wrote a.svg" in done.stderr
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "a.pptx").read_bytes().startswith(b"PK")


def test_json_from_a_pipe_is_the_chart_and_nothing_else(run: Run) -> None:
    done = run("chart", "-", "--kind", "p", "--json", "--only", "Ward 2", given=ROWS)
    said = json.loads(done.stdout)
    assert said["site"] == "Ward 2"
    assert said["kind"] == "p"
    assert len(said["points"]) == 12
    assert said["points"][0]["value"] == 0.1
    many = json.loads(run("chart", "-", "--by-site", "--json", given=ROWS).stdout)
    assert [one["site"] for one in many] == ["Ward 1", "Ward 2"]


def test_one_file_for_each_site(run: Run, falls: Path, tmp_path: Path) -> None:
    done = run("chart", "falls.csv", "--by-site", "--out", "all.svg", "--out", "all.pdf", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} >= {"all-ward-1.svg", "all-ward-2.svg", "all.pdf"}


def test_funnel(run: Run, falls: Path, tmp_path: Path) -> None:
    done = run("funnel", "falls.csv", "--out", "f.png", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "the 2 sites differ no more than chance explains" in done.stdout
    assert (tmp_path / "f.png").read_bytes().startswith(b"\x89PNG")
    assert json.loads(run("funnel", "-", "--json", given=ROWS).stdout)["form"] == "funnel"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("chart", "missing.csv"), "AT-C-016"),
        (("chart", "falls.csv", "--numerator", "fals"), "AT-C-010"),
        (("chart", "falls.csv", "--only", "Ward 9"), "AT-C-024"),
        (("chart", "falls.csv", "--out", "x.gif"), "AT-C-020"),
        (("chart", "falls.csv", "--target", "much"), "AT-C-013"),
        (("chart", "-"), "AT-C-016"),
        (("funnel", "falls.csv", "--site", "warden"), "AT-C-010"),
    ],
)
def test_errors_are_one_line_with_a_code(
    run: Run, falls: Path, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    done = run(*words, given="", folder=tmp_path)
    assert done.returncode == EXIT[ChartError]
    assert done.stderr.strip().splitlines()[-1].startswith(code)
    assert "Traceback" not in done.stderr


def test_other_errors_have_their_own_exit_code(run: Run, tmp_path: Path) -> None:
    assert len(set(EXIT.values())) == len(EXIT)
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    done = run("chart", "picture.csv", folder=tmp_path)
    assert done.stderr.startswith("AT-I-")
    assert done.returncode == 3


def test_real_data(run: Run, shared_data: Callable[[str], Path], tmp_path: Path) -> None:
    infections = shared_data("qicharts2_hospital_infections.csv")
    one = json.loads(run("chart", infections, "--where", "infection=CDI", "--only", "AHH", "--json").stdout)
    assert (one["kind"], one["unit"], len(one["points"])) == ("u", "rate", 24)
    attendances = shared_data("nhsr_ae_attendances.csv")
    done = run(
        "funnel",
        attendances,
        "--numerator",
        "breaches",
        "--denominator",
        "attendances",
        "--direction",
        "lower",
        "--json",
    )
    assert sum(point["value"] is not None for point in json.loads(done.stdout)["points"]) == 274
    tests = shared_data("chop_covid_testing.csv")
    weeks = run(
        "chart", tests, "--numerator", "result=positive", "--day-zero", "2020-03-01", "--grain", "week", "--json"
    )
    said = json.loads(weeks.stdout)
    assert sum(point["denominator"] or 0 for point in said["points"]) == 15524
