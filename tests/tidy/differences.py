"""controller/DIFFERENCES.md is complete: a row for each number, and what it names exists."""
import os
import re

NUMBERS = (["B%02d" % n for n in range(1, 52)] + ["D%d" % n for n in range(1, 27)] +
           ["P%d" % n for n in range(1, 18)])
# Faults that no patch of the controller can have: of the schema, of the addon-controller, none.
NO_PATCH = {"B24", "B44", "B48"}
ROW = re.compile(r"^\| ([BDP]\d+) \|(.*)\|([^|]*)\|$", re.M)
NAMED = re.compile(r"`([a-z]+/[a-z0-9_-]+)`")
KINDS = {"unit": "tests/unit/test_%s.c", "bench": "bench/%s.py", "tidy": "tests/tidy/%s.py"}


class Claims:
    def __init__(self, text, paths, patches):
        self.text, self.paths, self.patches = text, paths, patches


def load(root, build):
    del build
    with open(os.path.join(root, "controller/DIFFERENCES.md"), encoding="utf-8") as file:
        text = file.read()
    paths = set()
    for folder in ("scenarios", "tests", "bench"):
        for path, _, names in os.walk(os.path.join(root, folder)):
            paths |= {os.path.relpath(os.path.join(path, name), root) for name in names}
    patches = {re.match(r"B\d\d", os.path.basename(path)).group(0) for path in paths
               if re.match(r"tests/mutants/B\d\d.*\.patch$", path)}
    return Claims(text, paths, patches)


def path_of(name):
    kind, rest = name.split("/")
    return KINDS[kind] % rest if kind in KINDS else "scenarios/%s.yaml" % name


def check(claims):
    findings = []
    rows = ROW.findall(claims.text)
    numbers = [number for number, _, _ in rows]
    findings += ["%s: found %d rows, expected one" % (number, numbers.count(number))
                 for number in NUMBERS if numbers.count(number) != 1]
    findings += ["%s: no such number" % number for number in numbers if number not in NUMBERS]
    for number, _, shown_by in rows:
        names = NAMED.findall(shown_by)
        if not names and shown_by.strip() != "–":
            findings.append("%s: nothing shows it" % number)
        findings += ["%s: there is no %s" % (number, path_of(name)) for name in names
                     if path_of(name) not in claims.paths]
        if number.startswith("B") and (number in claims.patches) == (number in NO_PATCH):
            findings.append("%s: found %s patch in tests/mutants" % (
                number, "a" if number in claims.patches else "no"))
    return findings


def table(**changed):
    rows = {number: "`smoke/one`" for number in NUMBERS}
    rows.update(changed)
    return "".join("| %s | x | y | z | %s |\n" % row for row in rows.items() if row[1])


PATHS = {"scenarios/smoke/one.yaml", "tests/unit/test_cron.c"}
PATCHES = {number for number in NUMBERS if number.startswith("B")} - NO_PATCH
VIOLATIONS = [
    (Claims(table(D7=""), PATHS, PATCHES), "D7: found 0 rows"),
    (Claims(table() + "| D7 | x | y | z | `smoke/one` |\n", PATHS, PATCHES), "D7: found 2 rows"),
    (Claims(table() + "| D70 | x | y | z | `smoke/one` |\n", PATHS, PATCHES), "D70: no such"),
    (Claims(table(P3="trust us"), PATHS, PATCHES), "P3: nothing shows it"),
    (Claims(table(P3="`smoke/two`"), PATHS, PATCHES), "no scenarios/smoke/two.yaml"),
    (Claims(table(P3="`unit/zone`"), PATHS, PATCHES), "no tests/unit/test_zone.c"),
    (Claims(table(), PATHS, PATCHES - {"B05"}), "B05: found no patch"),
    (Claims(table(), PATHS, PATCHES | {"B24"}), "B24: found a patch"),
]
ACCEPTED = [Claims(table(P3="`unit/cron` and `smoke/one`", B44="–"), PATHS, PATCHES)]
