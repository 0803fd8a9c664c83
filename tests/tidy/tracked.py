"""No forgotten files: every source is in git, and every C file is built."""
import json
import os
import subprocess

import source


class Inventory:
    def __init__(self, paths, in_git, compiled):
        self.paths, self.in_git, self.compiled = paths, in_git, compiled


def load(root, build):
    paths = sorted(source.read(root).files)
    listed = subprocess.run(["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                            check=False)
    # Unpacked from an archive there is no git: then that half has nothing to say.
    in_git = set(listed.stdout.split("\0")) if listed.returncode == 0 else set(paths)
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as file:
        compiled = {os.path.relpath(entry["file"], root) for entry in json.load(file)}
    return Inventory(paths, in_git, compiled)


def check(inventory):
    findings = ["%s: not in git" % path for path in inventory.paths
                if path not in inventory.in_git]
    findings += ["%s: no target builds it" % path for path in inventory.paths
                 if path.endswith(".c") and path not in inventory.compiled]
    return findings


VIOLATIONS = [
    (Inventory(["fakeapi/a.c"], {"fakeapi/b.c"}, {"fakeapi/a.c"}), "a.c: not in git"),
    (Inventory(["fakeapi/a.c"], {"fakeapi/a.c"}, {"fakeapi/b.c"}), "a.c: no target"),
]
ACCEPTED = [
    Inventory(["fakeapi/a.c", "fakeapi/a.h"], {"fakeapi/a.c", "fakeapi/a.h"}, {"fakeapi/a.c"}),
]
