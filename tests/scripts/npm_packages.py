# SPDX-License-Identifier: GPL-3.0-or-later
"""Other people's programs from npm's registry, installed for one run of a test."""

import json
import shutil
import subprocess
from pathlib import Path


def install(folder, dependencies, overrides=None):
    """Into `folder`/node_modules, {name: version} each; nothing of theirs runs meanwhile. Why that cannot be done
    here; else None."""
    if not shutil.which("npm") or not shutil.which("node"):
        return "no npm here"
    (Path(folder) / "package.json").write_text(json.dumps({
        "name": "test", "version": "1.0.0", "private": True, "dependencies": dependencies,
        "overrides": overrides or {}}))
    try:
        done = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"],
                              cwd=folder, capture_output=True, timeout=600)
    except subprocess.TimeoutExpired:
        return "npm's registry does not answer"
    if done.returncode == 0:
        return None
    return f"npm cannot install {' and '.join(f'{name} {version}' for name, version in dependencies.items())} here"
