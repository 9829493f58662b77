"""Writes the script of each step of a composite action to a file of its own, NAME.sh.

Usage: action_steps.py ACTION FOLDER

Fails where a script has an expression of the workflow language: what an expression stands for becomes a part of the
script, and whoever chooses it could write commands there.
"""

import pathlib
import sys

from ruamel.yaml import YAML

action, folder = map(pathlib.Path, sys.argv[1:])
steps = YAML(typ="safe").load(action.read_text())["runs"]["steps"]
scripts = [step for step in steps if "run" in step]
assert scripts, f"{action}: no step has a script"
for step in scripts:
    assert "${{" not in step["run"], f"{action}: the script of `{step['name']}` has an expression"
    name = step["name"].lower().replace(" ", "-")
    (folder / f"{name}.sh").write_text(step["run"])
