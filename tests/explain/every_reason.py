"""Every reason to wait has a case here that shows it: what for, and since when."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
CORE = HERE.parents[1] / "controller" / "core"


def waiting_reasons():
    """The names of the reasons that have words for a wait."""
    names = dict(re.findall(r'\[(REASON_\w+)\]\s*=\s*\{\s*"(\w+)"',
                            (CORE / "promotion_reason.c").read_text()))
    words = re.findall(r'\[(REASON_\w+)\]\s*=\s*\{\s*"',
                       (CORE / "explanation_words.c").read_text())
    return {names[word] for word in words}


def shown():
    """The reasons whose wait a case shows with its beginning."""
    text = "\n".join(case.read_text() for case in sorted(HERE.glob("*.txt")))
    return set(re.findall(r"^\S+ at \S+: waiting.*\((\w+)\)\n  says .*\n  since ", text, re.M))


missing = sorted(waiting_reasons() - shown())
if len(waiting_reasons()) < 20 or missing:
    sys.exit("no case in tests/explain shows: %s" % (", ".join(missing) or "enough reasons"))
