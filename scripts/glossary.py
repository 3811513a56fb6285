#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""No sentence that the program prints, and none of the manuals and guides, uses a word that docs/glossary.md rules out.

Sentences are the string literals of src/ that have a blank in them (what has none is a name), but not those of the
virtual Electron; and the text of README, guides and manuals."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ["README.md", "docs/bench-guide.md", "docs/scripting.md", "docs/electron-rescue.1"]
NOT_OURS = {"sim", "electron_sim"}  # what a device says is not ours to word
# Situations are looked for by the names that people give them.
ALLOWED = {("docs/bench-guide.md", "boot loop"), ("README.md", "boot loop")}


def rows():
    for line in (ROOT / "docs/glossary.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3:
            yield cells


def ruled_out():
    """{phrase: the word to use}"""
    found = {}
    for word, _, instead in rows():
        for phrase in re.findall(r"`([^`]+)`", instead):
            found[phrase] = word
    return found


def literals(text):
    """(line, sentence): adjacent literals are one sentence."""
    text = re.sub(r"//[^\n]*", lambda m: " " * len(m.group()), text)
    for match in re.finditer(r'(?:"(?:[^"\\\n]|\\.)*"\s*)+', text):
        sentence = "".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', match.group()))
        if " " in sentence:
            yield text.count("\n", 0, match.start()) + 1, sentence


def breaches():
    phrases = {phrase: (re.compile(r"(?<![\w-])" + re.escape(phrase) + r"(?![\w-])"), word)
               for phrase, word in ruled_out().items()}
    for path in sorted((ROOT / "src").rglob("*.cpp")):
        if path.relative_to(ROOT / "src").parts[0] in NOT_OURS:
            continue
        for line, sentence in literals(path.read_text()):
            for phrase, (pattern, word) in phrases.items():
                if pattern.search(sentence):
                    yield f'{path.relative_to(ROOT)}:{line}: "{phrase}": say "{word}"'
    for name in TEXTS:
        for number, line in enumerate((ROOT / name).read_text().splitlines(), 1):
            if "\t" in line:  # a table of names, not of words
                continue
            plain = re.sub(r"`[^`]*`|\\f[A-Z][^\\]*\\fR|^\s{4}.*|^\.[A-Z].*", "", line).replace("\\-", "-")
            for phrase, (pattern, word) in phrases.items():
                if (name, phrase) not in ALLOWED and pattern.search(plain):
                    yield f'{name}:{number}: "{phrase}": say "{word}"'


def main():
    found = list(breaches())
    for breach in found:
        print(breach)
    print(f"{len(ruled_out())} phrases ruled out, {len(found)} breaches")
    return 1 if found or len(ruled_out()) < 30 else 0


if __name__ == "__main__":
    sys.exit(main())
