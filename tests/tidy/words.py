"""Words that say nothing, work that is not done, calls with a better replacement."""
import os
import re

from source import Tree, line_of

# Spelt in halves, or this file would be found.
UNFINISHED = re.compile(r"\b(TO" "DO|FIX" "ME|XX" "X|HA" "CK)\\b")
EMPTY_WORDS = {"util", "utils", "helper", "helpers"}
EMPTY_FILE_NAMES = EMPTY_WORDS | {"common", "misc", "manager"}
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
# Kubernetes calls the owner of a field its manager: that word stays.
MANAGER = re.compile(r"\bstruct\s+(?!field_manager\b)(\w+_managers?)\b")
# Of a function type a typedef is fine, of data it is not.
TYPEDEF = re.compile(r"\btypedef\s+(struct|union|enum)\s*\w*\s*(?:\{|\w+\s*;)")


def call(names):
    return re.compile(r"(?<![\w.>])(%s)\s*\(" % names)


# Pattern, why not, and the files where it may stand after all (None: nowhere).
CALLS = [
    (call(r"strcpy|strcat|strncpy|strncat|sprintf|vsprintf|gets|strtok(_r)?"),
     "knows no bounds: use struct buf or struct str", None),
    (call(r"ato[ilf]|strto[dflu]\w*|sscanf"), "parses loosely: use str_to_i64 and its kin",
     r"controller/base/json\w*\.c"),
    (call(r"s?rand(om)?|drand48|getrandom"), "is chance from the air: use struct rng", None),
    (call(r"gmtime\w*|localtime\w*|mktime|strftime|asctime|ctime|setlocale|is(alpha|digit|alnum|"
          r"space|upper|lower|xdigit|punct|print)|to(upper|lower)"),
     "depends on locale or time zone", r"tests/unit/test_cron_property\.c"),
    (call(r"time|clock|clock_gettime|gettimeofday|getenv|secure_getenv|nanosleep|sleep|usleep"),
     "takes time or settings from the air: pass them",
     r"scenarios/engine/(promosim_\w+|report)\.c|fakeapi/daemon/clock\.c|(tests|bench)/.*"),
    (call(r"malloc|calloc|realloc|strdup|strndup|asprintf|vasprintf|free"),
     "is for mem.c: use mem_alloc and its kin", r"controller/base/(mem|json\w*)\.c|tests/.*"),
    (call(r"assert"), "vanishes with NDEBUG and is not ours: use ASSERT", r"tests/.*"),
    (call(r"alloca"), "has no limit", None),
    (call(r"exit|_exit|quick_exit"), "ends the process behind the caller's back",
     r"\w+/(\w+/)?\w*_main\.c|scenarios/engine/sweep_jobs\.c|(tests|bench)/.*"),
    (call(r"printf|puts|putchar|vprintf"), "prints: only command lines do",
     r"scenarios/engine/(promosim_\w+|report)\.c|(tests|bench)/.*"),
    (call(r"setjmp|longjmp|signal|pthread_\w+|thrd_\w+"), "leaves the one straight line",
     r"tests/.*"),
]


def check(tree):
    findings = []
    for path in tree.paths(".c", ".h", ".py", ".cmake", ".sh", "CMakeLists.txt"):
        text = tree.files[path]
        findings += at(path, text, UNFINISHED, "%s: do it, or file it as an issue")
        if EMPTY_FILE_NAMES & set(re.split(r"[_.]", os.path.basename(path).lower())):
            findings.append("%s: a name that says nothing" % path)
    for path in tree.paths(".c", ".h"):
        findings += check_code(path, tree.code(path))
    return findings


def check_code(path, code):
    findings = at(path, code, MANAGER, "%s: name what it does")
    findings += at(path, code, TYPEDEF, "typedef %s hides what it is")
    for match in IDENTIFIER.finditer(code):
        if EMPTY_WORDS & set(match.group(0).lower().split("_")):
            findings.append("%s:%d: %s: a name that says nothing" % (
                path, line_of(code, match.start()), match.group(0)))
    for pattern, why, except_in in CALLS:
        if not (except_in and re.fullmatch(except_in, path)):
            findings += at(path, code, pattern, "%s() " + why)
    return findings


def at(path, text, pattern, message):
    return ["%s:%d: %s" % (path, line_of(text, m.start()), message.replace("%s", m.group(1), 1))
            for m in pattern.finditer(text)]


def snippet(line, path="controller/k8s/a.c"):
    return Tree({path: line + "\n"})


VIOLATIONS = [
    (snippet("/* TO" "DO: later */"), "file it as an issue"),
    (snippet("# FIX" "ME", "tests/a.py"), "file it as an issue"),
    (snippet("int string_utils;"), "says nothing"),
    (snippet("int a;", "fakeapi/helpers.c"), "says nothing"),
    (snippet("struct stage_manager;"), "name what it does"),
    (snippet("int a;", "fakeapi/common.c"), "says nothing"),
    (snippet("typedef struct a b;"), "hides"),
    (snippet("typedef enum {"), "hides"),
    (snippet("    strcpy(a, b);"), "strcpy() knows no bounds"),
    (snippet("    n = atoi(text);"), "loosely"),
    (snippet("    seed = rand();"), "chance"),
    (snippet("    return isdigit(c);"), "locale"),
    (snippet("    now = time(NULL);"), "from the air"),
    (snippet("    p = malloc(3);"), "mem_alloc"),
    (snippet("    assert(p);"), "NDEBUG"),
    (snippet("    exit (1);"), "behind the caller's back"),
    (snippet("    printf(text);"), "prints"),
    (snippet("    clock_gettime(a, b);", "fakeapi/a.c"), "from the air"),
]
ACCEPTED = [
    snippet("    writer.field_manager = manager;"),
    snippet('    log("time(NULL) in a text"); /* and malloc(3) in a comment */'),
    snippet("    timers->free(x); fake.time(y); run_time(z);"),
    snippet("    p = malloc(3);", "controller/base/mem.c"),
    snippet("struct field_manager;"),
    snippet("typedef enum err step_fn(int a);"),
    snippet("    common_prefix_bytes = 3;"),
]
