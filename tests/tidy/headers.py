"""Headers are contracts: they begin with a comment, and their guards follow from their paths."""
import re

from source import Tree


def check(tree):
    findings = []
    for path in tree.paths(".h"):
        text = tree.files[path]
        if not text.startswith("/*"):
            findings.append("%s:1: begins without a comment that says what it is for" % path)
        guard = guard_of(path)
        if not re.search(r"\*/\s*#ifndef %s\n#define %s\n" % (guard, guard), text):
            findings.append("%s: the guard after the first comment should be %s" % (path, guard))
    return findings


def guard_of(path):
    return "PROMOTER_" + re.sub(r"\W", "_", path.removeprefix("controller/")).upper()


VIOLATIONS = [
    (Tree({"fakeapi/a.h": "#ifndef PROMOTER_FAKEAPI_A_H\n#define PROMOTER_FAKEAPI_A_H\n#endif\n"}),
     "begins without a comment"),
    (Tree({"fakeapi/a.h": "/* A. */\n#ifndef A_H\n#define A_H\n#endif\n"}), "PROMOTER_FAKEAPI_A_H"),
    (Tree({"fakeapi/a.h": "/* A. */\n#pragma once\n"}), "PROMOTER_FAKEAPI_A_H"),
]
ACCEPTED = [
    Tree({"controller/k8s/a.h":
          "/* A. */\n#ifndef PROMOTER_K8S_A_H\n#define PROMOTER_K8S_A_H\n\n#endif\n"}),
]
