"""A consent is taken on paper, by a code or in person; never by halves, never from a minor."""

import hashlib
import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.domain.consent import Channel, Consent, DataCategory, Purpose
from edge.domain.ids import pseudonym
from edge.errors import ConfigError
from enrollment.one_time_code import LIFETIME, OneTimeCode
from tests.builders import NOW
from tests.kiosk.test_kiosk import BORN, ROSTER, Kiosk

WORDING = "Мен келісемін / I agree"


class Person:
    """Whoever types at the kiosk: looks at the screen, then answers."""

    def __init__(self, screen: Path, *answers: str | Callable[[str], str]) -> None:
        self._screen = screen
        self._answers = iter(answers)

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        sys.stdout.flush()
        answer = next(self._answers, None)
        if answer is None:
            return ""
        return answer if isinstance(answer, str) else answer(self._screen.read_text("utf-8"))


def code_on(screen: str) -> str:
    """The code, as it came back."""
    (code,) = re.findall(r"^\d{6}$", screen, re.M)
    return f" {code[:3]} {code[3:]}\n"


def another_code(screen: str) -> str:
    return f"{(int(code_on(screen).replace(' ', '')) + 1) % 10**6:06d}\n"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    (tmp_path / "wording.txt").write_text(WORDING, "utf-8")
    return made


@pytest.fixture
def answers(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def give(*told: str | Callable[[str], str]) -> None:
        monkeypatch.setattr(sys, "stdin", Person(kiosk.screen, *told))

    return give


def words(kiosk: Kiosk, *more: object, student: str = "S-1", guardian: str = "Saule Test") -> list[object]:
    return [
        "enroll",
        "consent",
        student,
        f"--guardian={guardian}",
        f"--wording={kiosk.folder}/wording.txt",
        *more,
    ]


def on_paper(kiosk: Kiosk, *more: object, **who: str) -> list[object]:
    return words(kiosk, f"--evidence={kiosk.folder}/paper.pdf", *more, **who)


def asked(kiosk: Kiosk, channel: str) -> list[object]:
    return words(kiosk, f"--evidence={kiosk.folder}/record.json", f"--channel={channel}")


def consents(kiosk: Kiosk, student: str = "S-1") -> list[Consent]:
    with kiosk.vault() as vault:
        return vault.consents.of(pseudonym(vault.pseudonym_key, student))


def nothing_is_written(kiosk: Kiosk) -> None:
    assert consents(kiosk) == []
    assert not (kiosk.folder / "record.json").exists()
    assert "consent_recorded" not in (kiosk.folder / "audit.jsonl").read_text()


def test_a_code_that_comes_back_is_a_consent_with_its_record(
    kiosk: Kiosk, answers: Callable[..., None]
) -> None:
    answers(another_code, code_on)
    told = kiosk.ok(*asked(kiosk, "sms_code"))
    assert "ends in 0001" in told
    assert "+7701" not in told
    record = (kiosk.folder / "record.json").read_bytes()
    (consent,) = consents(kiosk)
    assert consent.channel is Channel.SMS_CODE
    assert consent.evidence_sha256 == hashlib.sha256(record).hexdigest()
    assert consent.wording_sha256 == hashlib.sha256(WORDING.encode()).hexdigest()
    seen = json.loads(record)
    assert (seen["phone_ends_in"], seen["tries"], seen["guardian"]) == ("0001", 2, consent.guardian_id)
    assert seen["wording_sha256"] == consent.wording_sha256
    assert (kiosk.folder / "record.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("channel", "told", "complaint"),
    [
        ("sms_code", (another_code, another_code, another_code, code_on), "three wrong codes"),
        ("sms_code", (), "nobody answered"),
        ("kiosk", ("Marat Test\n",), "not the guardian's name"),
        ("kiosk", ("\n",), "not the guardian's name"),
        ("kiosk", (), "nobody answered"),
    ],
)
def test_who_does_not_agree_clearly_has_not_agreed(
    kiosk: Kiosk,
    answers: Callable[..., None],
    channel: str,
    told: tuple[str | Callable[[str], str], ...],
    complaint: str,
) -> None:
    answers(*told)
    assert complaint in kiosk.complaint(*asked(kiosk, channel))
    nothing_is_written(kiosk)


def test_a_guardian_reads_the_text_at_the_kiosk_and_types_the_own_name(
    kiosk: Kiosk, answers: Callable[..., None]
) -> None:
    answers("  saule   TEST \n")
    screen = kiosk.ok(*asked(kiosk, "kiosk"))
    assert WORDING in screen
    assert "Если согласны" in screen
    (consent,) = consents(kiosk)
    record = (kiosk.folder / "record.json").read_bytes()
    assert (consent.channel, consent.evidence_sha256) == (Channel.KIOSK, hashlib.sha256(record).hexdigest())


def test_a_guardian_without_a_phone_gets_no_code(kiosk: Kiosk, answers: Callable[..., None]) -> None:
    answers(code_on)
    line = words(
        kiosk, f"--evidence={kiosk.folder}/r", "--channel=sms_code", student="S-2", guardian="Dana Test"
    )
    assert "phone: this guardian has none" in kiosk.complaint(*line)


def test_a_record_never_takes_the_place_of_a_file(kiosk: Kiosk, answers: Callable[..., None]) -> None:
    (kiosk.folder / "record.json").write_text("another consent")
    answers(code_on)
    assert "exists already" in kiosk.complaint(*asked(kiosk, "sms_code"))
    assert (kiosk.folder / "record.json").read_text() == "another consent"
    assert consents(kiosk) == []


def test_a_code_is_good_for_ten_minutes_and_three_tries() -> None:
    code = OneTimeCode(NOW)
    assert re.fullmatch(r"\d{6}", code.digits)
    assert code.accepts(code.digits, NOW + LIFETIME - timedelta(seconds=1))
    for late in (LIFETIME, timedelta(days=1), -timedelta(seconds=1)):
        with pytest.raises(ConfigError, match="older than ten minutes"):
            OneTimeCode(NOW, "111111").accepts("111111", NOW + late)
    spent = OneTimeCode(NOW, "111111")
    assert not spent.accepts("222222", NOW)
    assert not spent.accepts("", NOW)
    with pytest.raises(ConfigError, match="three wrong codes"):
        spent.accepts("333333", NOW)
    assert "111111" not in repr(spent)


def test_a_paper_may_have_been_signed_earlier_and_end_on_a_named_day(kiosk: Kiosk) -> None:
    signed, last = date.today() - timedelta(days=30), date.today() + timedelta(days=60)
    kiosk.ok(*on_paper(kiosk, f"--given={signed}", f"--until={last}"))
    (consent,) = consents(kiosk)
    assert consent.given_at == datetime(signed.year, signed.month, signed.day, tzinfo=UTC) - timedelta(
        hours=5
    )
    assert consent.expires_at - consent.given_at == timedelta(days=91)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--given=2099-01-01"], "given_at is in the future"),
        (["--given=2026-03-01", "--until=2026-02-01"], "expires_at is not after given_at"),
        (["--until=2099-01-01"], "expires_at is more than 366 days after given_at"),
        (["--given=2024-03-01"], "expires_at is over already"),
        (["--given=yesterday"], "'yesterday' is no date"),
        (["--channel=kiosk", "--given=2026-03-01"], "given_at: only a paper"),
        (["--evidence=none.pdf"], "cannot read none.pdf"),
        (["--wording=none.txt"], "cannot read none.txt"),
        (["--purpose=marketing", "--purpose=access"], "purposes: marketing needs a consent of its own"),
    ],
)
def test_a_consent_that_cannot_be_is_named_and_not_recorded(kiosk: Kiosk, more: list[str], told: str) -> None:
    assert told in kiosk.complaint(*on_paper(kiosk, *more))
    nothing_is_written(kiosk)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "evidence: scan is empty"), (b"I agree", "evidence: scan is neither a PDF nor a picture")],
    ids=["empty", "typed"],
)
def test_a_file_that_proves_nothing_is_no_evidence(kiosk: Kiosk, content: bytes, told: str) -> None:
    """A hash of it would stand in the vault as if somebody had signed."""
    (kiosk.folder / "scan").write_bytes(content)
    assert told in kiosk.complaint(*on_paper(kiosk, f"--evidence={kiosk.folder}/scan"))
    nothing_is_written(kiosk)


@pytest.mark.parametrize("kind", [".jpg", ".png", ".tiff", ".webp"])
def test_a_photograph_of_the_paper_is_evidence(kiosk: Kiosk, kind: str) -> None:
    made, picture = cv2.imencode(kind, np.full((40, 30, 3), 255, np.uint8))
    assert made
    (kiosk.folder / "photo").write_bytes(picture.tobytes())
    kiosk.ok(*on_paper(kiosk, f"--evidence={kiosk.folder}/photo"))


@pytest.mark.parametrize(
    ("iin", "born", "told"),
    [
        ("", "", "guardian_born: the age of this guardian is not known"),
        ("", f"{date.today().year - 17}-01-01", "guardian_born: this guardian is under 18"),
        ("110402500000", "", "is under 18"),
    ],
    ids=["unknown", "seventeen", "by the IIN"],
)
def test_a_minor_or_somebody_of_unknown_age_does_not_consent(
    kiosk: Kiosk, iin: str, born: str, told: str
) -> None:
    row = ["S-3", "New Child", "2016-05-05", "4A", "", "Aru Test", "sister", "", "", iin, "", born]
    kiosk.ok("enroll", "roster", kiosk.roster([row]))
    assert told in kiosk.complaint(*on_paper(kiosk, student="S-3", guardian="Aru Test"))
    assert consents(kiosk, "S-3") == []


def test_a_guardian_who_came_of_age_since_did_not_sign_before(kiosk: Kiosk) -> None:
    today = date.today()
    birthday = f"{today.year - 18}-01-01"
    row = ["S-3", "New Child", "2016-05-05", "4A", "", "Aru Test", "sister", "", "", "", "", birthday]
    kiosk.ok("enroll", "roster", kiosk.roster([row]))
    who = {"student": "S-3", "guardian": "Aru Test"}
    assert "is under 18" in kiosk.complaint(*on_paper(kiosk, f"--given={today.year - 1}-12-31", **who))
    kiosk.ok(*on_paper(kiosk, **who))


def test_a_birthday_that_the_iin_contradicts_is_refused(kiosk: Kiosk) -> None:
    row = ["S-3", "N", "2016-05-05", "4A", "", "G", "mother", "", "", "150402600004", "", BORN]
    assert "guardian_born is another day" in kiosk.complaint("enroll", "roster", kiosk.roster([row]))


def test_each_purpose_has_its_own_consent_and_term_and_no_other_one_a_face(kiosk: Kiosk) -> None:
    kiosk.config.write_text(kiosk.config.read_text() + "[policy]\nprofiles = []\n")
    kiosk.ok(*on_paper(kiosk, "--purpose=marketing", "--days=30"))
    (consent,) = consents(kiosk)
    assert DataCategory.FACE_TEMPLATE not in consent.data
    for purpose in ("access", "meals"):
        kiosk.ok(*on_paper(kiosk, f"--purpose={purpose}"))
    assert {purpose for each in consents(kiosk) for purpose in each.purposes} == {
        Purpose.MARKETING,
        Purpose.ACCESS,
        Purpose.MEALS,
    }
    row = " ".join(kiosk.ok("enroll", "status").split())
    assert "access" in row
    assert "meals" in row
    assert "marketing" in row
