#!/usr/bin/python3
"""Compares what a transcript holds, byte for byte and in both directions, with what tshark shows for its stream.

    follow.py CAPTURE TRANSCRIPT [NAME=SECRET...]

No secret may stand in the transcript, plain or in base 64. It is read by other means than Replique's: PyYAML, and the few lines below that put the recorded examples into the holes and
dots before lines that start with one. A transcript that ends where TLS begins has to be the stream's beginning. `${data}` stands for what
the stream has in its place; the stream to that port has to hold the transfer, from its side.
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
    names["data"] = ENDPOINT
    folder = os.path.dirname(path)
    told = {"C": b"", "S": b""}
    announcers = []
    transfers = []
    for step in transcript["exchange"]:
        for side in "CS":
            if side in step:
                said = wire(step, side, names, folder)
                told[side] += said
                announcers += [side] * said.count(ENDPOINT)
        if "data" in step:
            transfers.append((len(announcers) - 1, step["data"], payload(step, names, folder)))
    opened = connections(capture)
    number = transcript["source"]["client"].rsplit(":", 1)[1]
    found = {stream for stream, source, target in opened if source == number or target == number}
    if len(found) != 1:
        sys.exit("streams of port {}: {}".format(number, sorted(found)))
    streams = follow(capture, [stream for stream, _, _ in opened])
    seen = spoken(streams[found.pop()], number, "C")
    is_cut = "turns to TLS" in transcript.get("about", "")
    endpoints = {}
    for side in "CS":
        whole, endpoints[side] = fitted(told[side], seen[side])
        compare(path, side, whole, seen[side][: len(whole)] if is_cut else seen[side])
    ports = [(side, port(endpoints[side].pop(0))) for side in announcers]
    compare_transfers(path, transfers, ports, opened, streams)
    print("{} and {} bytes as tshark shows them, {} of transfers".format(
        len(told["C"]), len(told["S"]), sum(len(content) for _, _, content in transfers)))


def compare_transfers(path, transfers, ports, opened, streams):
    used = set()
    for announced, sender, content in transfers:
        # The one who announced it has that port; one port may serve several times.
        announcer, number = ports[announced]
        left = [stream for stream, _, target in opened if target == str(number) and stream not in used]
        if not left:
            sys.exit("{}: no connection to port {}".format(path, number))
        used.add(left[0])
        seen = spoken(streams[left[0]], str(number), announcer)
        compare(path, "data " + sender, content, seen[sender])
        compare(path, "data against " + sender, b"", seen["S" if sender == "C" else "C"])


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


# What stands for an endpoint until it is known; no message holds it.
ENDPOINT = b"\0endpoint\0"


def fitted(told, seen):
    """What is told with the endpoints that are seen in their places, and these."""
    pieces = told.split(ENDPOINT)
    whole = pieces[0]
    endpoints = []
    for piece in pieces[1:]:
        match = re.compile(rb"\d+(?:,\d+){5}|\|\d?\|[^|]*\|\d+\|").match(seen, len(whole))
        endpoints.append(match[0] if match else b"?")
        whole += endpoints[-1] + piece
    return whole, endpoints


def port(endpoint):
    if endpoint.startswith(b"|"):
        return int(endpoint.split(b"|")[3])
    high, low = endpoint.split(b",")[4:]
    return int(high) * 256 + int(low)


def payload(value, names, folder):
    if isinstance(value, dict):
        if "file" in value:
            with open(os.path.join(folder, value["file"]), "rb") as file:
                content = file.read()
            # What was cut off has no digest.
            whole = value.get("ends") != "early"
            if whole and (hashlib.sha256(content).hexdigest() != value["sha256"] or len(content) != int(value["size"])):
                sys.exit("{}: not the digest or size that the transcript has".format(value["file"]))
            return content
        if "base64" in value:
            return base64.b64decode(value["base64"])
        if "text" in value:
            return fill(value["text"], names)
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
    if name == "basic":
        return base64.b64encode(values[0] + b":" + values[1])
    if name == "plain":
        return base64.b64encode(b"".join(values[2:]) + b"\0" + values[0] + b"\0" + values[1])
    if name == "apop":
        return hashlib.md5(values[0] + values[1]).hexdigest().encode()
    if name == "cram-md5":
        digest = hmac.new(values[2], base64.b64decode(values[0]), "md5").hexdigest()
        return base64.b64encode(values[1] + b" " + digest.encode())
    sys.exit("no function " + name)


# --- The capture's side ------------------------------------------------------------------------------------------------------------------


def connections(capture):
    """The number of each stream, in the order in which they were opened, with the ports of who opened it and of the other."""
    fields = tshark(capture, "-Y", "tcp.flags.syn==1 && tcp.flags.ack==0", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.srcport", "-e", "tcp.dstport")
    return list(dict.fromkeys(tuple(line.split()) for line in fields.splitlines()))


def follow(capture, streams):
    """What was said in each, with the port of who said it."""
    said = {stream: [] for stream in streams}
    stream = nodes = None
    for line in tshark(capture, "-q", *(word for one in streams for word in ("-z", "follow,tcp,raw," + one))).splitlines():
        if line.startswith("Filter: tcp.stream eq "):
            stream, nodes = line.split()[-1], []
        elif line.startswith("Node "):
            nodes.append(line.rsplit(":", 1)[1])
        elif re.fullmatch(r"\t?[0-9a-f]+", line):
            # Node 0 is who spoke first to tshark's mind; its lines are not indented.
            said[stream].append((nodes[line[0] == "\t"], bytes.fromhex(line.strip())))
    return said


def spoken(said, number, side):
    """By side, where the side given has that port."""
    other = "S" if side == "C" else "C"
    return {
        side: b"".join(content for port, content in said if port == number),
        other: b"".join(content for port, content in said if port != number),
    }


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
