#!/usr/bin/python3
"""Compares what a transcript holds, byte for byte and in both directions, with what tshark shows for its stream.

    follow.py CAPTURE TRANSCRIPT [NAME=SECRET...]

No secret may stand in the transcript, plain or in base 64. It is read by other means than Replique's: PyYAML, and the few lines below that put the recorded examples into the holes and
dots before lines that start with one. A transcript that ends where TLS begins has to be the stream's beginning.
"""
import base64
import hashlib
import hmac
import os
import re
import subprocess
import sys

import yaml


def main(capture, path, *secrets):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    transcript = yaml.load(text, Loader=yaml.BaseLoader)
    names = {"secret." + name: value.encode() for name, value in (secret.split("=", 1) for secret in secrets)}
    keep(path, text, names.values())
    for name, value in transcript.get("vars", {}).items():
        names[name] = fill(value, names)
    told = {"C": b"", "S": b""}
    for step in transcript["exchange"]:
        for side in "CS":
            if side in step:
                told[side] += wire(step, side, names, os.path.dirname(path))
    seen = follow(capture, transcript["source"])
    is_cut = "turns to TLS" in transcript.get("about", "")
    for side in "CS":
        compare(path, side, told[side], seen[side][: len(told[side])] if is_cut else seen[side])
    print("{} and {} bytes as tshark shows them".format(len(told["C"]), len(told["S"])))


def keep(path, text, secrets):
    said = [text.encode()]
    for word in re.findall(r"[A-Za-z0-9+/]{4,}=*", text):
        if len(word) % 4 == 0:
            said.append(base64.b64decode(word))
    for secret in secrets:
        if any(secret in one for one in said):
            sys.exit("{}: the secret {!r} stands in it".format(path, secret))


# --- The transcript's side ---------------------------------------------------------------------------------------------------------------


def wire(step, side, names, folder):
    """The bytes of one step, with line ends, dots and the dot at the end."""
    out = b""
    parts = step
    if isinstance(step[side], dict):
        parts = step[side]
    else:
        lines = step[side].split("\n")
        # A block ends with the last line's end.
        if len(lines) > 1 and lines[-1] == "":
            lines.pop()
        head = [fill(line, names) for line in lines]
        out = b"".join(line + b"\r\n" for line in head)
        if head[0][:4].upper() == b"BDAT":
            return out + payload(step["message"], names, folder)
    if "bytes" in parts:
        return out + parts["bytes"].encode("latin-1")
    for name in ("lines", "message"):
        if name in parts:
            return out + stuffed(payload(parts[name], names, folder))
    return out


def payload(value, names, folder):
    if isinstance(value, dict):
        if "file" in value:
            with open(os.path.join(folder, value["file"]), "rb") as file:
                content = file.read()
            if hashlib.sha256(content).hexdigest() != value["sha256"] or len(content) != int(value["size"]):
                sys.exit("{}: not the digest or size that the transcript has".format(value["file"]))
            return content
        if "base64" in value:
            return base64.b64decode(value["base64"])
        if "bytes" in value:
            return value["bytes"].encode("latin-1")
        value = value["lines"]
    lines = value if isinstance(value, list) else value.split("\n")[:-1] if value.endswith("\n") else value.split("\n")
    return b"".join(fill(line, names) + b"\r\n" for line in lines)


def stuffed(content):
    if content and not content.endswith(b"\r\n"):
        content += b"\r\n"
    return b"".join(b"." + line if line.startswith(b".") else line for line in re.findall(rb".*?\r\n", content, re.S)) + b".\r\n"


# A hole's inside: bytes, an expression with or without example, or anything else up to the brace that no backslash protects.
HOLE = re.compile(r"\$\$\{|\$\{(?:%x(?P<bytes>[0-9A-Fa-f.]+)|(?P<name>[\w-]*):(?:/(?:\\.|[^/\\])*/|\w+)(?:=(?P<example>(?:\\.|[^}\\])*))?"
                  r"|(?P<call>[\w-]+)\((?P<arguments>[^)]*)\)|(?P<bound>[\w.-]+))\}")


def fill(text, names):
    out = b""
    at = 0
    for match in HOLE.finditer(text):
        out += text[at:match.start()].encode()
        at = match.end()
        if match["bytes"]:
            out += bytes.fromhex(match["bytes"].replace(".", ""))
        elif match["name"] is not None:
            value = re.sub(r"\\\}", "}", match["example"] or "").encode() or names.get(match["name"], b"")
            if match["name"]:
                names.setdefault(match["name"], value)
            out += value
        elif match["call"]:
            out += call(match["call"], [argument(one.strip(), names) for one in match["arguments"].split(",")])
        elif match["bound"]:
            out += names[match["bound"]]
        else:
            out += b"${"
    return out + text[at:].encode()


def argument(text, names):
    return text[1:-1].encode() if text.startswith('"') else names[text]


def call(name, values):
    if name == "base64":
        return base64.b64encode(values[0])
    if name == "plain":
        return base64.b64encode(b"".join(values[2:]) + b"\0" + values[0] + b"\0" + values[1])
    if name == "apop":
        return hashlib.md5(values[0] + values[1]).hexdigest().encode()
    if name == "cram-md5":
        digest = hmac.new(values[2], base64.b64decode(values[0]), "md5").hexdigest()
        return base64.b64encode(values[1] + b" " + digest.encode())
    sys.exit("no function " + name)


# --- The capture's side ------------------------------------------------------------------------------------------------------------------


def follow(capture, source):
    port = source["client"].rsplit(":", 1)[1]
    found = tshark(capture, "-Y", "tcp.srcport == {}".format(port), "-T", "fields", "-e", "tcp.stream").split()
    if len(set(found)) != 1:
        sys.exit("streams of port {}: {}".format(port, sorted(set(found))))
    seen = {"C": b"", "S": b""}
    first = None
    for line in tshark(capture, "-q", "-z", "follow,tcp,raw," + found[0]).splitlines():
        node = re.match(r"Node 0: .*:(\d+)$", line)
        if node:
            # Node 0 is who spoke first to tshark's mind; its lines are not indented.
            first = "C" if node[1] == port else "S"
        elif re.fullmatch(r"\t?[0-9a-f]+", line):
            side = first if line[0] != "\t" else "S" if first == "C" else "C"
            seen[side] += bytes.fromhex(line.strip())
    return seen


def tshark(capture, *arguments):
    # Without the dissectors' own reassembly and names: nothing but TCP.
    run = subprocess.run(["tshark", "-n", "-r", capture, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode != 0:
        sys.exit("tshark: " + run.stderr)
    return run.stdout


def compare(path, side, told, seen):
    if told == seen:
        return
    at = next((index for index, (one, other) in enumerate(zip(told, seen)) if one != other), min(len(told), len(seen)))
    sys.exit("{}: {} differs from the capture at byte {} of {}:\n  transcript {!r}\n  capture    {!r}".format(
        path, side, at, len(seen), told[max(0, at - 40):at + 40], seen[max(0, at - 40):at + 40]))


if __name__ == "__main__":
    main(*sys.argv[1:])
