"""The project's source as the rules see it: texts by path, C without comments and literals."""
import os
import re

FOLDERS = ("controller", "fakeapi", "scenarios", "tests", "scripts", "fuzz", "bench")
SHIPPED = ("controller/", "fakeapi/", "scenarios/")
LITERAL = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


class Tree:
    """Texts by path. `files` is a dict in self-tests; read() makes one from a checkout."""

    def __init__(self, files):
        self.files = files
        self.stripped = {}

    def paths(self, *endings):
        return [path for path in sorted(self.files) if path.endswith(endings)]

    def code(self, path):
        """The text with comments and what is between quotes blanked; lines stay where they are."""
        if path not in self.stripped:
            self.stripped[path] = LITERAL.sub(blank, self.files[path])
        return self.stripped[path]


def blank(match):
    text = match.group(0)
    if text[0] in "\"'":
        return text[0] + " " * (len(text) - 2) + text[-1]
    return re.sub(r"[^\n]", " ", text)


def read(root):
    files = {}
    for folder in FOLDERS:
        for where, folders, names in os.walk(os.path.join(root, folder)):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
            for name in names:
                path = os.path.relpath(os.path.join(where, name), root)
                if is_source(path):
                    with open(os.path.join(root, path), encoding="utf-8") as file:
                        files[path] = file.read()
    return Tree(files)


def is_source(path):
    name = os.path.basename(path)
    return name.endswith((".c", ".h", ".py", ".cmake", ".sh", ".yaml")) or \
        name == "CMakeLists.txt" or (path.startswith("scripts/") and "." not in name)


class Function:
    """A definition whose braces stand in column 0, as the house style wants."""

    def __init__(self, path, signature, line, lines):
        self.path, self.signature, self.line, self.lines = path, signature, line, lines
        found = re.search(r"(\w+)\s*\(", signature)
        self.name = found.group(1) if found else "?"
        self.is_static = re.search(r"\bstatic\b", signature) is not None


def functions(tree, path):
    lines = tree.code(path).split("\n")
    found, opened = [], None
    for index, line in enumerate(lines):
        if line == "{":
            opened = index
        elif line.startswith("}") and opened is not None:
            signature = signature_before(lines, opened)
            if "(" in signature:
                found.append(Function(path, signature, opened + 1, index - opened + 1))
            opened = None
    return found


def signature_before(lines, brace):
    start = brace
    while start > 0:
        line = lines[start - 1].strip()
        if line == "" or line.endswith((";", "}")) or line.startswith("#"):
            break
        start -= 1
    return " ".join(lines[start:brace])


def line_of(text, position):
    return text.count("\n", 0, position) + 1
