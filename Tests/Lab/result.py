#!/usr/bin/python3
"""Asks a result (--report-json) what a test wants to know, and says what it found.

    result.py RESULT clean               everything passed; no divergence, no violation
    result.py RESULT calm                the same, but the conversation may have ended before its end
    result.py RESULT only GRADE KIND FILE:LINE [EXPECTED [OBSERVED]]
                                         among what reaches GRADE there is this one difference and no other
    result.py RESULT has GRADE KIND FILE:LINE [EXPECTED [OBSERVED]]
                                         there is this difference, whatever else
    result.py RESULT reason KIND         a conversation could not be found out, for this reason
    result.py RESULT show                all that was found, for a person
"""
import base64
import json
import os
import sys

GRADES = ["note", "drift", "divergence", "violation"]


def said(value):
    if not value:
        return ""
    return value["text"] if "text" in value else base64.b64decode(value["base64"]).decode("latin-1")


def describe(difference):
    place = difference["place"]
    return "{} {} at {}:{}, expected {!r}, observed {!r}".format(
        difference["grade"], difference["kind"], os.path.basename(place["file"]), place["line"],
        said(difference.get("expected")), said(difference.get("observed")))


def differences(result):
    for transcript in result["transcripts"]:
        for conversation in transcript["conversations"]:
            for step in conversation["steps"]:
                yield from (one for one in step["differences"] if not one["follows"])


def calm(result):
    clean(result, True)


def clean(result, may_end_early=False):
    bad = [one for one in differences(result) if one["grade"] in ("divergence", "violation")]
    bad += [one for transcript in result["transcripts"] for one in transcript["conversations"] if one["verdict"] != "passed"]
    counts = result["counts"]
    if bad or not result["transcripts"] or counts["divergence"] or counts["violation"] or counts["unreached"] and not may_end_early:
        for one in bad:
            print(describe(one) if "grade" in one else "conversation {}: {} {}".format(one.get("name"), one["verdict"], one.get("reason")))
        sys.exit("not clean: {}".format(counts))
    # A tolerated difference is worth a look, too, when somebody asks why.
    for one in differences(result):
        print(describe(one), file=sys.stderr)
    conversations = sum(len(transcript["conversations"]) for transcript in result["transcripts"])
    print("{}, {}, no divergence, no violation, {}, {}".format(
        *(many(*one) for one in (
            (conversations, "conversation"), (counts["steps"], "step"), (counts["drift"], "drift"), (counts["note"], "note")))))


def many(number, what):
    return "{} {}{}".format(number, what, "" if number == 1 else "s")


def matches(one, grade, kind, place, expected="", observed=""):
    file, line = place.rsplit(":", 1)
    return (
        one["grade"] == grade and one["kind"] == kind
        and os.path.basename(one["place"]["file"]) == os.path.basename(file) and one["place"]["line"] == int(line)
        and expected in said(one.get("expected")) and observed in said(one.get("observed")))


def only(result, grade, *wanted):
    found = [one for one in differences(result) if GRADES.index(one["grade"]) >= GRADES.index(grade)]
    if len(found) != 1 or not matches(found[0], grade, *wanted):
        sys.exit("wanted only {}, found:\n{}".format(" ".join((grade,) + wanted), "\n".join(map(describe, found)) or "nothing"))
    print(describe(found[0]))


def has(result, grade, *wanted):
    found = list(differences(result))
    for one in found:
        if matches(one, grade, *wanted):
            print(describe(one))
            return
    sys.exit("wanted {}, found:\n{}".format(" ".join((grade,) + wanted), "\n".join(map(describe, found)) or "nothing"))


def reason(result, kind):
    reasons = [one.get("reason") for transcript in result["transcripts"] for one in transcript["conversations"] if one.get("reason")]
    if not any(one["kind"] == kind for one in reasons):
        sys.exit("wanted the reason {}, found {}".format(kind, reasons))
    print("{kind}: {message}".format(**reasons[0]))


def show(result):
    for transcript in result["transcripts"]:
        for conversation in transcript["conversations"]:
            print("{}: {} {}".format(os.path.basename(transcript["file"]), conversation["verdict"], conversation.get("reason") or ""))
            for step in conversation["steps"]:
                print("  {:>4} {} {} {}".format(step["place"]["line"], step["action"], step["state"], " | ".join(map(said, step["actual"]))))
                for one in step["differences"]:
                    print("       {}{}".format(describe(one), " (follows)" if one["follows"] else ""))


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        RESULT = json.load(file)
    {"clean": clean, "calm": calm, "only": only, "has": has, "reason": reason, "show": show}[sys.argv[2]](RESULT, *sys.argv[3:])
