"""Whoever follows docs/identity.md line by line has an enrolled gate, a broker's files, a revoked thief."""

import re
import shlex
from pathlib import Path

from sync.hub.ca import CertificateAuthority
from sync.identity import fingerprint
from tests.sync.parts import Process, running

PAGE = Path(__file__).parents[2] / "docs" / "identity.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PROGRAMS = {"qaqpa-hub": "sync.hub.cli", "qaqpa-sync": "sync.cli"}
ELSEWHERE = re.compile(r"ca serve|ca pending|--hub|approve \S+ \S+$")
"""What needs two machines at once is in test_enrolment.py."""


def test_the_page_enrols_a_gate_by_stick_renews_and_revokes(tmp_path: Path) -> None:
    for name in ("media/stick", "var/lib/qaqpa-ca", "root"):
        (tmp_path / name).mkdir(parents=True)
    config = tmp_path / "sync.toml"
    config.write_text(
        'school = "school-7"\ngate = "main-door"\noutbox = "/nowhere"\n'
        f'[tls]\nca = "{tmp_path}/ca.pem"\ncert = "{tmp_path}/gate.pem"\nkey = "{tmp_path}/gate.key"\n',
        "utf-8",
    )
    lines = [line for block in BLOCK.findall(PAGE.read_text("utf-8")) for line in block.splitlines()]
    followed = [line for line in lines if not ELSEWHERE.search(line)]
    assert len(followed) == 7
    said = ""
    for line in followed:
        said = _follow(line, said, tmp_path, config)
    ca = tmp_path / "var/lib/qaqpa-ca/ca"
    entries = CertificateAuthority.open(ca).register.entries()
    assert [each.revoked is not None for each in entries if each.name == "school-7/main-door"] == [True]
    assert (tmp_path / "gate.pem").exists()
    assert (tmp_path / "root/mosquitto/qaqpa.conf").exists()


def _follow(line: str, said: str, root: Path, config: Path) -> str:
    """One line as a person would type it, with what was read before; what it said."""
    program, *words = shlex.split(re.sub(r"/(media|var|root)/", rf"{root}/\1/", line))
    if "XXXX-XXXX-XXXX" in words:
        code = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{4}", said)
        assert code is not None
        words[words.index("XXXX-XXXX-XXXX")] = code[0]
    if "FINGERPRINT" in words:
        authority = CertificateAuthority.open(root / "var/lib/qaqpa-ca/ca")
        words[words.index("FINGERPRINT")] = fingerprint(authority.certificate)[:32]
    if program == "qaqpa-sync":
        words += ["--config", str(config)]
    process = Process(PROGRAMS[program], words, root / "said")
    with running(process):
        assert process.end() == 0, process.text
    return process.text
