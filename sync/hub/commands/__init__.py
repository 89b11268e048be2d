"""The commands of `qaqpa-hub`, a file for each or for a group; `cli.py` names them."""
