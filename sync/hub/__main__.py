"""`python -m sync.hub`: the same as `qaqpa-hub`."""

from sync.hub.cli import main

main()
