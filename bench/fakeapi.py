#!/usr/bin/env python3
"""Measures the API server in one process, and makes a report.

usage: fakeapi.py BENCH_FAKEAPI [--report FILE]

Processor time stands beside a unit measured in the same run, as machines are shared; instructions
are counted by callgrind. Skips (77) without valgrind; fails when a count is above its budget.
"""
import pathlib
import re
import shutil
import subprocess
import sys

TIMED, COUNTED = 3000, 50
# The operations in the order of the program: (instructions at most, goal per second).
OPERATIONS = {
    "create": (400_000, 200_000),
    "merge patch": (130_000, 200_000),
    "merge patch of status": (125_000, 200_000),
    "apply": (470_000, 200_000),
    "update": (380_000, 200_000),
    "get": (10_000, None),
}
DELIVERY = "delivery to one of 1,000 watchers"


def timed(program):
    done = subprocess.run([program, str(TIMED)], stdout=subprocess.PIPE, text=True, check=True)
    return {name: float(value) for name, value in
            (line.split("\t") for line in done.stdout.splitlines())}


def instructions(program, operation):
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=measure", program, str(COUNTED), operation],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    collected = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not collected or int(collected.group(1)) == 0:
        sys.exit(f"fakeapi.py: {operation}: {done.stderr[-2000:]}")
    return int(collected.group(1))


def rows(program, us):
    """The table's lines, and whether a budget was broken."""
    broken = False
    for name, (budget, goal) in OPERATIONS.items():
        each = instructions(program, name) // COUNTED
        broken = broken or each > budget
        yield (f"| {name} | {us[name]:.1f} | {us[name] / us['unit']:.2f} | "
               f"{1e6 / us[name]:,.0f} | {f'{goal:,}' if goal else ''} | {each:,} | {budget:,} |"
               + (" TOO MANY" if each > budget else ""))
    rows.broken = broken


rows.broken = False


def main():
    if shutil.which("valgrind") is None:
        print("there is no valgrind")
        return 77
    us = timed(sys.argv[1])
    lines = list(rows(sys.argv[1], us))
    each = us[DELIVERY]
    lines.append(f"| {DELIVERY} | {each:.2f} | {each / us['unit']:.2f} | {1e6 / each:,.0f} | "
                 "200,000 | | |")
    text = (
        "# The API server in one process\n"
        "Made by `bench/fakeapi.py` on the release build: processor time for one operation on each "
        f"of {TIMED:,}\npromotions, with all that a real server does (decoding, defaults, schema, "
        "managedFields, history, audit\nlog, the answer's text). A unit is cJSON parsing, printing "
        f"and freeing one such object: {us['unit']:.1f} us in the\nsame run.\n\n"
        "| operation | us | units | per second | goal | instructions | at most |\n"
        "|---|---|---|---|---|---|---|\n" + "\n".join(lines) + "\n\n"
        f"An object of {us['object bytes']:,.0f} bytes takes {us['memory bytes']:,.0f} bytes of "
        "memory once it is stored and was answered (goal: 6,000).\n"
        f"A server with its built-in definitions starts in {us['start'] / 1e3:.1f} ms.\n")
    print(text)
    if len(sys.argv) == 4 and sys.argv[2] == "--report":
        pathlib.Path(sys.argv[3]).write_text(text)
    return 1 if rows.broken else 0


if __name__ == "__main__":
    sys.exit(main())
