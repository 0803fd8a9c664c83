"""How long functions, files and lines may be."""
from source import SHIPPED, Tree, functions

FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN_MAX = 13
FILE_LINES_MAX = 699
COLUMNS_MAX = 100


def check(tree):
    findings, lengths = [], []
    for path in tree.paths(".c", ".h", ".py"):
        lines = tree.files[path].split("\n")
        if len(lines) - 1 > FILE_LINES_MAX:
            findings.append("%s: %d lines, %d are allowed" % (path, len(lines) - 1, FILE_LINES_MAX))
        findings += ["%s:%d: %d columns, %d are allowed" % (path, index + 1, len(line), COLUMNS_MAX)
                     for index, line in enumerate(lines) if len(line) > COLUMNS_MAX]
    for path in tree.paths(".c", ".h"):
        for function in functions(tree, path):
            if path.startswith(SHIPPED):
                lengths.append(function.lines)
            if function.lines > FUNCTION_LINES_MAX:
                findings.append("%s:%d: %s has %d lines, %d are allowed" % (
                    path, function.line, function.name, function.lines, FUNCTION_LINES_MAX))
    median = sorted(lengths)[len(lengths) // 2] if lengths else 0
    if median > FUNCTION_LINES_MEDIAN_MAX:
        findings.append("the median function has %d lines, %d are allowed" % (
            median, FUNCTION_LINES_MEDIAN_MAX))
    return findings


def function_text(name, body_lines):
    return "static int %s(int a,\n    int b)\n{\n%s}\n\n" % (name, "    b++;\n" * body_lines)


VIOLATIONS = [
    (Tree({"fakeapi/a.c": function_text("long_one", 69)}), "long_one has 71 lines"),
    (Tree({"controller/k8s/a.c": function_text("f", 3) + 2 * function_text("g", 12)}),
     "median function has 14"),
    (Tree({"tests/a.c": "int a;\n" * 700}), "700 lines, 699"),
    (Tree({"tests/a.py": "x = " + "1" * 97 + "\n"}), "a.py:1: 101 columns"),
]
ACCEPTED = [
    Tree({"tests/a.c": function_text("f", 68) + "int a;\n" * 600}),
    Tree({"controller/k8s/a.c": function_text("f", 50) + 2 * function_text("g", 11)}),
    Tree({"tests/a.py": "x = " + "1" * 96 + "\n"}),
]
