"""Staff see whether the camera works; a gate that is not looking is not called blind."""

from turnstile.looks import BLIND_SECONDS, Looks


def filmed(looks: Looks, begin: float, seconds: float, fps: float) -> float:
    """Film for a while; returns when it ended."""
    for number in range(round(seconds * fps)):
        looks.add(begin + number / fps, begin + number / fps)
    return begin + seconds


def test_the_rate_is_that_of_the_pictures_taken() -> None:
    looks = Looks()
    end = filmed(looks, 100.0, 4.0, 10)
    assert looks.rate(end) == 10.0
    assert looks.sees(end)


def test_a_camera_that_stops_is_told_by_its_age_and_then_as_gone() -> None:
    looks = Looks()
    end = filmed(looks, 100.0, 2.0, 10)
    for tenth in range(1, round(BLIND_SECONDS * 10) + 2):
        looks.add(None, end + tenth / 10)
    later = end + BLIND_SECONDS + 0.1
    assert not looks.sees(later)
    assert looks.rate(later) == 0.0
    age = looks.age(later)
    assert age is None or age > BLIND_SECONDS
    looks.add(later, later)
    assert looks.sees(later)


def test_a_gate_that_stood_open_for_an_hour_is_not_blind() -> None:
    looks = Looks()
    end = filmed(looks, 100.0, 2.0, 10)
    assert looks.rate(end + 3600) is None
    assert looks.age(end + 3600) is None
    looks.add(None, end + 3600)
    assert looks.sees(end + 3600.1)
