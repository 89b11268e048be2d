"""Pictures to tell apart, and a check that no camera leaves a thread or a process behind."""

import threading
from collections.abc import Iterator

import psutil
import pytest


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    before = {process.pid for process in psutil.Process().children(recursive=True)}
    running = set(threading.enumerate())
    yield
    threads = [thread for thread in threading.enumerate() if thread not in running]
    assert not threads
    children = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert not children
