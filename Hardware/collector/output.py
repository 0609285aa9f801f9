"""Words for people, and files that are whole."""

import os
import sys


def say(text):
    print(text, file=sys.stderr, flush=True)


def write_whole(path, text):
    """Writes a file so that it is either the old one or all of the new one."""
    with open(path + ".part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".part", path)
