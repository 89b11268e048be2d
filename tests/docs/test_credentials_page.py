"""The page on passes and cards works as it stands: its commands run, and its settings are the kiosk's."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.config import load
from edge.domain.credentials import Refusal
from enrollment.settings import KioskSettings, Language, Shows
from tests.docs.test_install import BLOCK, follow

DOCS = Path(__file__).resolve().parents[2] / "docs"
TEXT = (DOCS / "credentials.md").read_text("utf-8")
BLOCKS = BLOCK.findall(TEXT)
INSTALL = {name.strip(): text for _, name, text in BLOCK.findall((DOCS / "install.md").read_text("utf-8"))}


def test_following_the_page_leaves_its_papers(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text(INSTALL["kiosk.toml"])
    (tmp_path / "roster.csv").write_text(INSTALL["roster.csv"])
    (tmp_path / "passphrase").write_text("four words nobody guesses")
    for command in ("init", "enroll roster roster.csv"):
        follow(f"qaqpa-kiosk {command} --config kiosk.toml", tmp_path)
    # At the school, whose day may be another one than here; the last minute of it may be over already.
    today = datetime.now(ZoneInfo("Asia/Almaty")).date().isoformat()
    for kind, _, text in BLOCKS:
        if kind == "sh":
            for line in text.replace("TODAYT23:30", f"{today}T23:59:59").strip().splitlines():
                follow(line, tmp_path)
    for paper in ("passes.pdf", "6A.pdf", "visitor.pdf"):
        assert (tmp_path / paper).read_bytes().startswith(b"%PDF")
    assert (tmp_path / "pass.png").stat().st_size > 0


def test_the_pages_settings_are_read(tmp_path: Path) -> None:
    sections = "".join(text for kind, _, text in BLOCKS if kind == "toml")
    (tmp_path / "kiosk.toml").write_text(INSTALL["kiosk.toml"] + sections)
    settings = load(tmp_path / "kiosk.toml", KioskSettings)
    assert settings.passes.shows is Shows.FIRST_NAME
    assert settings.passes.language is Language.KAZAKH
    assert settings.cards.low_bytes == 3


def test_every_refusal_is_explained() -> None:
    for refusal in Refusal:
        assert f"| `{refusal}` |" in TEXT
