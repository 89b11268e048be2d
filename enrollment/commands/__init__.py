"""The commands of `qaqpa-kiosk`, a file for each or for a group; `cli.py` names them."""
