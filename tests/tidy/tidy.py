#!/usr/bin/env python3
"""The rules of the house as tests.

  tidy.py RULE --root FOLDER --build FOLDER   judge the tree: one line per finding, exit 1
  tidy.py RULE --self-test                    the rule must find each planted violation

RULE is one of layering, size, words, headers, linkage, tracked, differences, purity. A rule is a
module with check(what) -> findings, VIOLATIONS [(what, part of the expected finding)], ACCEPTED
[what].
"""
import argparse
import importlib
import sys

sys.dont_write_bytecode = True
RULES = ("layering", "size", "words", "headers", "linkage", "tracked", "differences", "purity")


def self_test(rule):
    violations = rule.violations() if hasattr(rule, "violations") else rule.VIOLATIONS
    accepted = rule.accepted() if hasattr(rule, "accepted") else rule.ACCEPTED
    problems = []
    for index, (what, expected) in enumerate(violations):
        findings = rule.check(what)
        if not any(expected in finding for finding in findings):
            problems.append('violation %d: no finding with "%s" in %s' % (
                index + 1, expected, findings))
    for index, what in enumerate(accepted):
        problems += ["accepted %d: %s" % (index + 1, finding) for finding in rule.check(what)]
    report(problems, "%d violations found, %d accepted" % (len(violations), len(accepted)))


def judge(rule, root, build):
    if hasattr(rule, "load"):
        what = rule.load(root, build)
    else:
        what = importlib.import_module("source").read(root)
    report(rule.check(what), "nothing to complain about")


def report(problems, good):
    for problem in problems:
        print(problem)
    print("%d problems" % len(problems) if problems else good)
    sys.exit(1 if problems else 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rule", choices=RULES)
    parser.add_argument("--root", default=".")
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--self-test", action="store_true")
    args = parser.parse_args()
    rule = importlib.import_module(args.rule)
    if args.self_test:
        self_test(rule)
    else:
        judge(rule, args.root, args.build)


if __name__ == "__main__":
    main()
