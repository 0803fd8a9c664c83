"""What is visible is declared in a header, and somebody else uses it; the rest is static."""
import re

from source import SHIPPED, Tree, functions


def check(tree):
    code = {path: tree.code(path) for path in tree.paths(".c", ".h")}
    words = {path: set(re.findall(r"\w+", text)) for path, text in code.items()}
    findings = []
    for path in code:
        if not path.startswith(SHIPPED) or not path.endswith(".c"):
            continue
        for function in functions(tree, path):
            if not function.is_static and function.name != "main":
                findings += check_visible(function, words)
    return findings


def check_visible(function, words):
    where = "%s:%d: %s" % (function.path, function.line, function.name)
    if not any(p.endswith(".h") and function.name in words[p] for p in words):
        return [where + " is declared in no header: make it static"]
    others = [p for p in words if p.endswith(".c") and p != function.path]
    asked = {function.name, re.sub("_(const|mutable)$", "", function.name)}
    if function.name in MACRO_ONLY or any(asked & words[p] for p in others):
        return []
    return [where + " is used by no other file: make it static, or test it"]


# What only a macro of its header calls is used wherever the macro is: x_const and x_mutable where x
# is, which chooses by the type of its argument.
MACRO_ONLY = {"base_assert_failed"}


VIOLATIONS = [
    (Tree({"fakeapi/a.c": "int alone(void)\n{\n}\n", "fakeapi/b.c": ""}), "declared in no header"),
    (Tree({"fakeapi/a.c": "int\nlonely(void)\n{\n}\n", "fakeapi/a.h": "int lonely(void);\n",
           "fakeapi/b.c": "/* lonely() */\n"}), "used by no other file"),
]
ACCEPTED = [
    Tree({"fakeapi/a.c": "int used(void)\n{\n}\n\nstatic int own(int a,\n    int b)\n{\n}\n",
          "fakeapi/a.h": "int used(void);\n", "tests/b.c": "int x = used();\n"}),
    Tree({"fakeapi/a_main.c": "int main(void)\n{\n}\n"}),
]
