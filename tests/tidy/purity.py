"""What the archives ask of the world, by nm: the core and the grammar of Kubernetes only what
purity_allowed.txt lists; nobody keeps writable data with the program; no two archives define the
same name (the linker would silently take either). Meant for a release build:
sanitizers and gcov add symbols of their own."""
import os
import re
import subprocess
import tempfile

JUDGED = ("libk8s.a", "libcore.a")
PROVIDERS = ("libbase.a", "libk8s.a", "libcore.a")
STATELESS = PROVIDERS + ("libfakeapi.a", "libsveltos.a", "libengine.a", "libhttp.a", "libdaemon.a")


# Counts for the test that memory at rest returns to its baseline, and free cells; changes no
# behaviour.
COUNTERS = {("libbase.a", "heap")}


class Symbols:
    """nm's System V lines by archive, and the allowed names."""

    def __init__(self, listings, allowed):
        self.listings, self.allowed = listings, allowed


def load(root, build):
    with open(os.path.join(root, "tests/tidy/purity_allowed.txt"), encoding="utf-8") as file:
        allowed = {line.strip() for line in file if line.strip() and not line.startswith("#")}
    folders = {"libbase.a": "controller", "libk8s.a": "controller", "libcore.a": "controller",
               "libfakeapi.a": "fakeapi", "libsveltos.a": "fakeapi", "libengine.a": "scenarios",
               "libhttp.a": "fakeapi", "libdaemon.a": "fakeapi"}
    return Symbols({name: nm(os.path.join(build, folder, name))
                    for name, folder in folders.items()}, allowed)


def nm(archive):
    return subprocess.run(["nm", "-f", "sysv", archive], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True).stdout


def rows(listing):
    """(name, class, section) of each symbol."""
    for line in listing.split("\n"):
        columns = [column.strip() for column in line.split("|")]
        if len(columns) == 7 and len(columns[2]) == 1:
            yield columns[0], columns[2], columns[6]


def check(symbols):
    defined = {name for archive in PROVIDERS
               for name, kind, _ in rows(symbols.listings.get(archive, "")) if kind in "TDBRVWi"}
    findings = []
    for archive in JUDGED:
        asked = {name for name, kind, _ in rows(symbols.listings.get(archive, "")) if kind == "U"}
        findings += ["%s asks for %s: not in purity_allowed.txt" % (archive, name)
                     for name in sorted(asked - defined - symbols.allowed)]
    for archive in STATELESS:
        findings += ["%s keeps %s in %s: pass state as an argument" % (archive, name, section)
                     for name, kind, section in rows(symbols.listings.get(archive, ""))
                     if kind in "bBdDC" and not re.match(r"\.data\.rel\.ro", section)
                 and (archive, name) not in COUNTERS]
    return findings + check_twice(symbols)


def check_twice(symbols):
    owners, findings = {}, []
    for archive in STATELESS:
        for name, kind, _ in rows(symbols.listings.get(archive, "")):
            if kind in "TDBRC" and owners.setdefault(name, archive) != archive:
                findings.append("%s and %s both define %s" % (owners[name], archive, name))
    return findings


def compiled(code):
    """A real archive's listing, so that the self-test also knows that nm's output is understood."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("a.c", "a.o", "a.a")]
        with open(paths[0], "w", encoding="utf-8") as file:
            file.write(code)
        subprocess.run(["cc", "-fPIE", "-c", paths[0], "-o", paths[1]], check=True)
        subprocess.run(["ar", "rc", paths[2], paths[1]], check=True)
        return nm(paths[2])


def violations():
    clock = "#include <time.h>\nlong now(void) { return time(0); }\n"
    counter = "static int calls;\nint count(void) { return ++calls; }\n"
    global_counter = "int calls = 3;\n"
    table = "const int table[] = {1};\n"
    return [
        (Symbols({"libcore.a": compiled(clock)}, {"memcpy"}), "libcore.a asks for time"),
        (Symbols({"libk8s.a": compiled(clock)}, {"memcpy"}), "libk8s.a asks for time"),
        (Symbols({"libengine.a": compiled(counter)}, set()), "keeps calls in .bss"),
        (Symbols({"libbase.a": compiled(global_counter)}, set()), "keeps calls in .data"),
        (Symbols({"libcore.a": compiled(table), "libsveltos.a": compiled(table)}, set()),
         "libcore.a and libsveltos.a both define table"),
    ]


def accepted():
    table = "static const char *const names[] = {\"a\"};\n" \
        "const char *name(void) { return names[0]; }\n"
    user = "const char *name(void); unsigned long strlen(const char *);\n" \
        "unsigned long size(void) { return strlen(name()); }\n"
    return [Symbols({"libbase.a": compiled(table), "libcore.a": compiled(user)}, {"strlen"})]
