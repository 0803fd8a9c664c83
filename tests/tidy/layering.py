"""Who may include whom. A module not named here may include nothing."""
import re

from source import Tree, line_of

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(["<])([^">]+)[">]', re.M)

# The arrows of the architecture, closed transitively: a module and what it may include.
ALLOWED = {
    "controller/base": set(),
    "controller/k8s": {"controller/base"},
    "controller/core": {"controller/base", "controller/k8s"},
    "controller/shell": {"controller/base", "controller/k8s", "controller/core"},
    "fakeapi": {"controller/base"},
    "fakeapi/sveltos": {"controller/base", "fakeapi"},
    "scenarios/engine": {"controller/base", "controller/k8s", "controller/core", "fakeapi",
                         "fakeapi/sveltos"},
    "fakeapi/http": {"controller/base", "fakeapi"},
    # The program around all of it: it plays scenarios' worlds, so it stands above the engine.
    "fakeapi/daemon": {"controller/base", "fakeapi", "fakeapi/http", "scenarios/engine"},
}
USERS = ("tests", "fuzz", "bench")  # may include everything above; only they include each other

# Libraries and the files that may know of them.
LIBRARIES = [
    (r"cjson/", r"controller/base/json\w*\.[ch]|bench/\w*\.c"),
    (r"yaml\.h", r"controller/base/yaml\.c"),
    (r"openssl/", r"controller/base/sha256\.c|fakeapi/daemon/certificate\.c"),
    (r"uthash\.h|utlist\.h|utarray\.h", r"controller/base/map\.c"),
    (r"cmocka\.h", r"tests/testlib/test\.h"),
    (r"curl/", r"controller/shell/\w+\.[ch]|tests/conformance/wire\.c"),
    (r"microhttpd\.h", r"(fakeapi/http|controller/shell)/\w+\.[ch]"),
    (r"zlib\.h", r"fakeapi/http/gzip\.c"),
    (r"lua\w*\.h", r"fakeapi/sveltos/\w+\.[ch]"),
    (r"regex\.h", r"fakeapi/schema_pattern\.c|tests/.*"),  # schemas' patterns; no locale is set
    (r"sanitizer/", r"controller/base/\w+\.[ch]|tests/.*"),
]

# What code that runs inside a simulation may take from the C library: no clock, no file, no
# locale, no process.
PURE_C = {"inttypes.h", "limits.h", "stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h",
          "stdlib.h", "string.h", "stdalign.h", "math.h", "float.h"}
PURE = ("controller/base", "controller/k8s", "controller/core", "fakeapi", "fakeapi/sveltos",
        "scenarios/engine")
# The edges of the process: command lines, which read files, measure wall time and share work
# among processes.
EDGES = re.compile(r"scenarios/engine/(promosim_\w+|report|scenario_(read|walk)|sweep_jobs)\.c|"
                   r"\w+/\w*_main\.c")


def module_of(path):
    """The longest known folder that the path lies in, "tests" for all below it; None."""
    if path.split("/")[0] in USERS:
        return path.split("/")[0]
    known = [m for m in ALLOWED if path.startswith(m + "/") and "/" not in path[len(m) + 1:]]
    return max(known, key=len) if known else None


def check(tree):
    findings = []
    for path in tree.paths(".c", ".h"):
        text = tree.files[path]
        for match in INCLUDE.finditer(text):
            judge = check_project if match.group(1) == '"' else check_library
            problem = judge(tree, path, match.group(2))
            if problem:
                findings.append("%s:%d: %s" % (path, line_of(text, match.start()), problem))
    return findings


def check_project(tree, path, included):
    source, target = module_of(path), module_of(included)
    if included not in tree.files:
        return 'there is no "%s": include by the path from the root' % included
    if source is None:
        return "lies in no module"
    if source == target or source in USERS:
        return None
    if target is None or target not in ALLOWED[source]:
        return "%s must not include %s" % (source, included)
    return None


def check_library(tree, path, included):
    for library, users in LIBRARIES:
        if re.match(library, included):
            return None if re.fullmatch(users, path) else "<%s> is not for this file" % included
    if module_of(path) in PURE and included not in PURE_C and not EDGES.fullmatch(path):
        return "<%s> has no place in a pure module" % included
    return None


def example(path, line, *others):
    files = {other: "" for other in others}
    files[path] = line + "\n"
    return Tree(files)


VIOLATIONS = [
    (example("fakeapi/a.c", '#include "controller/k8s/b.h"', "controller/k8s/b.h"),
     "fakeapi must not include"),
    (example("controller/core/a.c", '#include "fakeapi/b.h"', "fakeapi/b.h"), "core must not"),
    (example("controller/base/a.h", '#include "controller/k8s/b.h"', "controller/k8s/b.h"),
     "base must not"),
    (example("fakeapi/a.c", '# include "fakeapi/sveltos/b.h"', "fakeapi/sveltos/b.h"),
     "fakeapi must not"),
    (example("scenarios/engine/a.c", '#include "tests/testlib/b.h"', "tests/testlib/b.h"),
     "must not include tests"),
    (example("controller/k8s/a.c", '#include "b.h"', "controller/k8s/b.h"), "from the root"),
    (example("controller/odd/a.c", '#include "fakeapi/b.h"', "fakeapi/b.h"), "no module"),
    (example("controller/k8s/a.c", "#include <cjson/cJSON.h>"), "not for this file"),
    (example("fakeapi/yaml.c", "#include <yaml.h>"), "not for this file"),
    (example("controller/base/map_x.c", "#include <uthash.h>"), "not for this file"),
    (example("controller/base/a.c", "#include <openssl/evp.h>"), "not for this file"),
    (example("controller/core/a.c", "#include <time.h>"), "no place"),
    (example("fakeapi/a.c", '#include "fakeapi/http/b.h"', "fakeapi/http/b.h"),
     "fakeapi must not"),
    (example("scenarios/engine/a.c", '#include "fakeapi/daemon/b.h"', "fakeapi/daemon/b.h"),
     "engine must not"),
    (example("fakeapi/a.c", "#include <microhttpd.h>"), "not for this file"),
    (example("scenarios/engine/sim.c", "#include <errno.h>"), "no place"),
    (example("controller/base/a.c", "#include <ctype.h>"), "no place"),
]
ACCEPTED = [
    example("controller/core/a.c", '#include "controller/k8s/b.h"', "controller/k8s/b.h"),
    example("scenarios/engine/a.c", '#include "fakeapi/sveltos/b.h"', "fakeapi/sveltos/b.h"),
    example("tests/unit/a.c", '#include "controller/core/b.h"', "controller/core/b.h"),
    example("controller/base/json_scan.c", "#include <cjson/cJSON.h>"),
    example("tests/conformance/a.c", "#include <regex.h>"),
    example("controller/k8s/a.c", '/* #include "fakeapi/b.h" */'),
]
