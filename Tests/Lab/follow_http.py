#!/usr/bin/python3
"""Compares the requests and responses that a transcript holds with those that tshark shows for its stream: heads word for word, bodies byte
for byte once chunks and compression are undone, by a few lines of its own.

    follow_http.py CAPTURE TRANSCRIPT [NAME=SECRET...]
"""
import os
import sys
import zlib

import yaml

import follow


def main(capture, path, *secrets):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    transcript = yaml.load(text, Loader=yaml.BaseLoader)
    names = {"secret." + name: value.encode() for name, value in (secret.split("=", 1) for secret in secrets)}
    follow.keep(path, text, names.values())
    for name, value in transcript.get("vars", {}).items():
        names[name] = follow.fill(value, names)
    told = {"C": [], "S": []}
    for step in transcript["exchange"]:
        for side in "CS":
            if side in step:
                told[side].append(written(step, side, names, os.path.dirname(path)))
    seen = shown(capture, transcript)
    for side in "CS":
        for number, (one, other) in enumerate(zip(told[side], seen[side])):
            for what, mine, theirs in zip(("start line", "headers", "body"), one, other):
                if mine != theirs:
                    sys.exit("{}: {} of {} {} differ:\n  transcript {!r}\n  capture    {!r}".format(path, what, side, number, mine, theirs))
        if len(told[side]) != len(seen[side]):
            sys.exit("{}: {} of {}, {} in the capture".format(path, len(told[side]), side, len(seen[side])))
    print("{} requests and {} responses as tshark shows them".format(len(told["C"]), len(told["S"])))


def written(step, side, names, folder):
    """The start line, the headers by name in their order, the body."""
    body = step.get("body", "")
    content = follow.fill(body, names) if isinstance(body, str) else follow.payload(body, names, folder)
    own = dict(names, size=str(len(content)).encode())
    line = follow.fill(step[side], own)
    headers = {}
    for name, values in step.get("headers", {}).items():
        headers[name.lower()] = [follow.fill(value, own) for value in ([values] if isinstance(values, str) else values)]
    for name, value in own.items():
        if name != "size":
            names.setdefault(name, value)
    return line, headers, content


def shown(capture, transcript):
    number = transcript["source"]["client"].rsplit(":", 1)[1]
    streams = [stream for stream, source, _ in follow.connections(capture) if source == number]
    said = follow.spoken(follow.follow(capture, streams)[streams[0]], number, "C")
    requests = []
    rest = said["C"]
    while rest:
        message, rest = cut(rest, None)
        requests.append(message)
    responses = []
    answered = 0
    rest = said["S"]
    while rest:
        message, rest = cut(rest, requests[answered][0].split()[0])
        answered += message[0].split()[1][:1] != b"1"
        responses.append(message)
    return {"C": requests, "S": responses}


def cut(rest, method):
    """The first message and what follows it. A response answers a method; a request answers none."""
    head, _, rest = rest.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    headers = {}
    for field in fields:
        name, _, value = field.partition(b":")
        headers.setdefault(name.decode().lower(), []).append(value.strip())
    status = line.split()[1] if method else b""
    body = b""
    if method == b"HEAD" or status[:1] == b"1" or status in (b"204", b"304") or (method == b"CONNECT" and status[:1] == b"2"):
        pass
    elif "transfer-encoding" in headers:
        while True:
            size, _, rest = rest.partition(b"\r\n")
            chunk, rest = rest[: int(size, 16)], rest[int(size, 16) + 2:]
            if not chunk:
                break
            body += chunk
    elif "content-length" in headers:
        length = int(headers["content-length"][0])
        body, rest = rest[:length], rest[length:]
    elif method:
        body, rest = rest, b""
    if body and headers.get("content-encoding") == [b"gzip"]:
        body = zlib.decompress(body, 31)
    return (line, headers, body), rest


if __name__ == "__main__":
    main(*sys.argv[1:])
