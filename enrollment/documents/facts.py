"""From configuration and policies to what the papers say, in one language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from edge.domain.consent import DataCategory, Purpose
from edge.domain.people import ADULT_YEARS
from edge.domain.requests import Right
from edge.errors import ConfigError
from edge.policy.holding import CHILD, GUARDIAN, listed
from edge.policy.library import find_all, floor
from edge.policy.profile import Bound
from edge.policy.retention import terms
from edge.policy.rights import terms_of
from edge.policy.rules import ABOUT
from edge.policy.strictest import InForceRules, strictest
from edge.policy.values import Age, Days, Only, Required
from enrollment.documents.elsewhere import GateSeen, HubSeen
from enrollment.documents.figures import FIGURES
from enrollment.documents.template import Facts
from enrollment.documents.words import Words, day, words_of
from enrollment.settings import KioskSettings, Language


@dataclass(frozen=True, slots=True)
class School:
    """Everything the papers are made from. `gates` is empty and `hub` None where none was named."""

    settings: KioskSettings
    bound: tuple[Bound, ...]
    rules: InForceRules
    gates: tuple[GateSeen, ...]
    hub: HubSeen | None


def school_of(settings: KioskSettings, gates: Sequence[GateSeen], hub: HubSeen | None, today: date) -> School:
    """With the newest published editions. Raises ConfigError where a paper would promise what is refused."""
    profiles = find_all(settings.policy.profiles)
    bound = tuple(profile.bound(profile.newest(today)) for profile in profiles)
    school = School(settings, bound, strictest(bound, floor()), tuple(gates), hub)
    _check_purposes(school)
    _check_recipients(school)
    return school


def facts_of(school: School, language: Language) -> Facts:
    """What holds at this school, in the words of a language."""
    words = words_of(language)
    return Facts(_texts(school, words), _flags(school), _tables(school, words))


def data_held(school: School) -> frozenset[DataCategory]:
    """What the kiosk records under a consent to these purposes."""
    return listed(school.settings.papers.purposes, school.rules)


def _texts(school: School, words: Words) -> dict[str, str]:
    settings, papers = school.settings, school.settings.papers
    texts = {
        "operator": settings.operator.name,
        "bin": settings.operator.bin,
        "address": papers.address,
        "phone": papers.phone.replace(" ", "\N{NO-BREAK SPACE}"),
        "email": papers.email,
        "officer": papers.data_officer,
        "ask": papers.ask,
        "guardian_age": words.value(Age(_guardian_age(school))),
        "edition": day(papers.edition) if papers.edition else "",
        "purposes": words.list(papers.purposes),
        "held": words.list(data_held(school)),
        "roster": words.list(data_held(school) & frozenset(CHILD.values())),
        "of_guardian": words.list_of_guardian(data_held(school) & frozenset(GUARDIAN.values())),
        "recipients": ", ".join(each.name for each in papers.recipients),
        "policies": ", ".join(_policy(each, words) for each in school.bound),
        "pass_days": words.count(settings.passes.days, "days"),
        "unused_days": words.count(terms(school.rules, settings.retention).unused.days, "days"),
        "records_days": words.count(settings.retention.records_days, "days"),
        "credentials_days": words.count(settings.retention.credentials_days, "days"),
        "engines": ", ".join(sorted({gate.engine.value for gate in school.gates if gate.looks_at_faces})),
        "fpir": words.percent(
            max((each.faces.fpir for each in school.gates if each.looks_at_faces), default=0)
        ),
    }
    if school.hub is not None:
        texts["events_days"] = words.count(school.hub.retention.events_days, "days")
        texts["quarantine_days"] = words.count(school.hub.retention.quarantine_days, "days")
        texts["late_minutes"] = str(school.hub.notify.late_minutes)
        texts["database_server"] = school.hub.database_server
        texts["give_up_hours"] = str(school.hub.notify.give_up_hours)
    return texts | _rule_texts(school, words) | {name: words.number(each) for name, each in FIGURES.items()}


def _rule_texts(school: School, words: Words) -> dict[str, str]:
    """For each rule in force: `NAME` is what it says, `NAME_clause` where that stands."""
    texts = {}
    for rule in school.rules.values():
        said = rule.value
        texts[f"{rule.rule}_clause"] = "; ".join(map(words.source, rule.sources))
        if isinstance(said, Days):
            texts[rule.rule] = words.count(said.most, "days")
        elif said is not None:
            texts[rule.rule] = words.value(said)
    complaint = terms_of(school.rules)[Right.COMPLAINT]
    texts.setdefault("complaint_answer", words.term(complaint))  # the only term that no law sets
    texts.setdefault("complaint_answer_clause", "Qaqpa")
    return texts


def _flags(school: School) -> frozenset[str]:
    modes = {gate.mode for gate in school.gates}
    recipients = school.settings.papers.recipients
    held = {
        **{str(mode): True for mode in modes},
        **{f"purpose_{each}": True for each in school.settings.papers.purposes},
        **{f"data_{each}": True for each in data_held(school)},
        **{f"engine_{gate.engine}": gate.looks_at_faces for gate in school.gates},
        "faces": any(gate.looks_at_faces for gate in school.gates),
        "depth": any(gate.pad.depth and gate.looks_at_faces for gate in school.gates),
        "presence": any(gate.presence is not None for gate in school.gates),
        "hub": school.hub is not None,
        "open_pages": school.hub is not None and school.hub.open_pages,
        "database_server": school.hub is not None and bool(school.hub.database_server),
        "recipients": bool(recipients),
        "abroad": any(each.abroad for each in recipients),
    }
    return frozenset(name for name, holds in held.items() if holds)


def _tables(school: School, words: Words) -> dict[str, list[tuple[str, ...]]]:
    papers = school.settings.papers
    return {
        "purposes": sorted((words.word[each],) for each in papers.purposes),
        "data": sorted((words.word[each],) for each in data_held(school)),
        "gates": [_gate(gate, words) for gate in school.gates],
        "recipients": [
            (each.name, words.list(each.data), words.abroad if each.abroad else words.here)
            for each in papers.recipients
        ],
        "rules": [
            (
                words.rule[name],
                words.value(rule.value),
                "; ".join(map(words.source, rule.sources)),
            )
            for name in ABOUT
            if (rule := school.rules.get(name)) is not None and rule.value is not None
        ],
    }


def _gate(gate: GateSeen, words: Words) -> tuple[str, ...]:
    faces = gate.looks_at_faces
    return (
        str(gate.gate),
        words.direction[gate.direction],
        words.mode[gate.mode],
        gate.engine.value if faces else "–",
        words.percent(gate.faces.fpir) if faces else "–",
        (words.yes if gate.pad.depth else words.no) if faces else "–",
    )


def _policy(bound: Bound, words: Words) -> str:
    return f"{bound.policy} ({words.edition.lower()} {bound.edition.number})"


def _guardian_age(school: School) -> int:
    """The kiosk records the consent of adults only; a policy may ask for more years."""
    said = _said(school, "least_age")
    return max(ADULT_YEARS, said.years if isinstance(said, Age) else 0)


def _said(school: School, name: str) -> object:
    rule = school.rules.get(name)
    return rule.value if rule is not None else None


def _check_purposes(school: School) -> None:
    purposes = frozenset(school.settings.papers.purposes)
    faces = [gate for gate in school.gates if gate.looks_at_faces]
    if faces and Purpose.ACCESS not in purposes:
        raise ConfigError(
            f"the gate {faces[0].gate} compares faces, and papers.purposes does not ask for access",
            "Add access to it, or give the gate the mode credential_only",
        )
    names = ["general_purposes"]
    if DataCategory.FACE_TEMPLATE in data_held(school):
        names.append("biometric_purposes")
    for name in names:
        said = _said(school, name)
        if isinstance(said, Only) and not purposes <= said.allowed:
            raise ConfigError(
                f"papers.purposes: {', '.join(sorted(purposes - said.allowed))} is not among what is in"
                f" force, {said} ({ABOUT[name].title}: {', '.join(school.rules[name].sources)})",
                "The kiosk would refuse such a consent; leave it out",
            )


def _check_recipients(school: School) -> None:
    for each in school.settings.papers.recipients:
        if each.data - data_held(school):
            raise ConfigError(
                f"papers.recipients: {each.name} is given {', '.join(sorted(each.data - data_held(school)))},"
                f" which the school does not hold ({', '.join(school.rules['data'].sources)})",
                "Leave it out, or see what is in force: qaqpa-kiosk policy explain",
            )
    said = _said(school, "stays_in_country")
    if isinstance(said, Required) and said.required:
        for each in school.settings.papers.recipients:
            if each.abroad:
                raise ConfigError(
                    f"papers.recipients: {each.name} is abroad, and data stays in the country"
                    f" ({', '.join(school.rules['stays_in_country'].sources)})",
                    "Choose one in Kazakhstan",
                )
