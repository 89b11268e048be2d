"""The commands of `qaqpa-gate`, a file for each or for a group; `cli.py` names them."""
