"""Making the papers: what each one needs, and the files it becomes."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from edge.errors import ConfigError
from enrollment.documents.facts import School, facts_of
from enrollment.documents.layout import Footer, load_fonts, pdf_of
from enrollment.documents.template import Paper, Written, fill, plain, template_of
from enrollment.documents.words import day, words_of
from enrollment.settings import Language


@dataclass(frozen=True, slots=True)
class Needs:
    """What a paper is, the keys of `[papers]` it cannot do without, and whether it speaks of the gates."""

    purpose: str
    keys: tuple[str, ...]
    gates: bool


_ALWAYS = ("edition",)
_WHO = (*_ALWAYS, "address", "data_officer", "phone", "email")
NEEDS: Mapping[Paper, Needs] = MappingProxyType(
    {
        Paper.DPIA: Needs("draft of the data protection impact assessment, for the data officer", _WHO, True),
        Paper.RECORD: Needs("record of processing activities", _WHO, True),
        Paper.PARENTS: Needs("privacy notice for parents", _WHO, True),
        Paper.CHILD: Needs("the same for children of ten", (*_ALWAYS, "ask"), True),
        Paper.CONSENT: Needs("consent form, with its text as a file for enroll consent", _WHO, False),
        Paper.RETENTION: Needs(
            "what is kept for how long, and by which clause", (*_ALWAYS, "data_officer"), False
        ),
        Paper.SIGN: Needs("sign, one for each gate", (*_ALWAYS, "ask", "phone"), True),
    }
)


def missing(school: School, papers: Sequence[Paper]) -> list[str]:
    """One line for each key or file that these papers need and that is not there, with their names."""
    settings = school.settings.papers
    lacking: dict[str, list[str]] = {}
    for paper in papers:
        for key in NEEDS[paper].keys:
            if not getattr(settings, key):
                lacking.setdefault(f"papers.{key}", []).append(paper.value)
        if NEEDS[paper].gates and not school.gates:
            lacking.setdefault("--gate-config", []).append(paper.value)
    return [f"{key} (for {', '.join(names)})" for key, names in lacking.items()]


def write(paper: Paper, language: Language, school: School) -> Written:
    """The paper as text, with every fact filled in."""
    return fill(template_of(paper, language), facts_of(school, language))


def make(school: School, papers: Sequence[Paper], languages: Sequence[Language], out: Path) -> list[Path]:
    """Write them all into a folder, or nothing. Raises ConfigError that names everything that is missing."""
    lacking = missing(school, papers)
    if lacking:
        raise ConfigError(
            f"not told: {'; '.join(lacking)}",
            "Add the keys to the section [papers] of the kiosk's configuration, name the gates' with"
            " --gate-config, or choose papers with --only",
        )
    load_fonts(school.settings.passes.font)
    files = dict(
        file for paper in papers for language in languages for file in _files(paper, language, school)
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
    except OSError as error:
        raise ConfigError(
            f"cannot write into {out}: {error.strerror}", "Name a folder of yours with --out"
        ) from None
    return [out / name for name in files]


def _files(paper: Paper, language: Language, school: School) -> Iterator[tuple[str, bytes]]:
    if paper is Paper.SIGN:
        for gate in school.gates:
            written = write(paper, language, replace(school, gates=(gate,)))
            yield (
                f"{paper.value}.{gate.gate}.{language.value}.pdf",
                pdf_of(written, _footer(school, language)),
            )
        return
    written = write(paper, language, school)
    footer = _footer(school, language)
    if paper is Paper.CONSENT:
        text = plain(written).encode()
        yield f"{paper.value}.{language.value}.txt", text
        hashed = hashlib.sha256(text).hexdigest()
        footer = replace(footer, hash=f"{words_of(language).hash}: {hashed}")
    yield f"{paper.value}.{language.value}.pdf", pdf_of(written, footer)


def _footer(school: School, language: Language) -> Footer:
    words, operator, edition = words_of(language), school.settings.operator, school.settings.papers.edition
    return Footer(
        f"{words.bin} {operator.bin} · {operator.name}",
        f"{words.edition} {day(edition) if edition else ''}",
        words.page,
        words.draft,
    )
