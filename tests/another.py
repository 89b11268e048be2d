"""A second process that waits until it is told to begin, so that two do the same at the same moment."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_READY = 'import sys; print("ready", flush=True); sys.stdin.readline()\n'


class Another:
    """One such process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def begin(self) -> None:
        """Let it go on."""
        self.answer("")

    def answer(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        print(line, file=self.process.stdin, flush=True)

    def hear(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def running(self) -> bool:
        """Whether it goes on."""
        return self.process.poll() is None

    def complaint(self) -> str:
        """What it had to complain of when it ended; nothing where all went well."""
        _, told = self.process.communicate()
        return told or ("" if self.process.returncode == 0 else f"exit code {self.process.returncode}")


@contextmanager
def another(imports: str, code: str, *arguments: object) -> Iterator[Another]:
    """A process that runs `code` once it is told to; the imports, which take long, are done by then."""
    line = [sys.executable, "-c", imports + _READY + code, *map(str, arguments)]
    pipe = subprocess.PIPE
    with subprocess.Popen(line, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            made = Another(process)
            assert made.hear() == "ready"
            yield made
        finally:
            process.kill()
