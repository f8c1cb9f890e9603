#!/usr/bin/python3
"""Compares the questions and answers that a transcript holds with what tshark makes of them: codes, flags, records in their order, EDNS.

    follow_dns.py CAPTURE TRANSCRIPT
"""
import shlex
import sys

import yaml

import follow

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
CODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
BITS = {"qr": 0x8000, "aa": 0x400, "tc": 0x200, "rd": 0x100, "ra": 0x80, "ad": 0x20, "cd": 0x10}
OPT, SRV = 41, 33
# What tshark calls a type's data, field by field.
DATA = {
    1: ["dns.a"], 5: ["dns.cname"], 12: ["dns.ptr.domain_name"], 15: ["dns.mx.preference", "dns.mx.mail_exchange"], 16: ["dns.txt"],
    28: ["dns.aaaa"], 33: ["dns.srv.priority", "dns.srv.weight", "dns.srv.port", "dns.srv.target"],
}
HEAD = ["dns.flags", "dns.qry.name", "dns.qry.type"]
EDNS = ["dns.rr.udp_payload_size", "dns.opt.cookie.client"]
RECORD = ["dns.resp.name", "dns.resp.type", "dns.resp.ttl"]
FIELDS = HEAD + EDNS + RECORD + [name for names in DATA.values() for name in names]


def main(capture, path):
    with open(path, encoding="utf-8") as file:
        transcript = yaml.load(file, Loader=yaml.BaseLoader)
    told = written(transcript)
    seen = shown(capture, transcript)
    for number, (one, other) in enumerate(zip(told, seen)):
        if one != other:
            sys.exit("{}: message {} differs:\n  transcript {}\n  capture    {}".format(path, number, one, other))
    if len(told) != len(seen):
        sys.exit("{}: {} messages, {} in the capture".format(path, len(told), len(seen)))
    print("{} messages as tshark shows them".format(len(told)))


# Both sides make the same of a message: a list of values by field.


def written(transcript):
    names = {}
    question = None
    messages = []
    for step in transcript["exchange"]:
        side = "C" if "C" in step else "S"
        if side not in step:
            continue
        message = {name: [] for name in FIELDS}
        if side == "C":
            question = step["C"].split()
        bits = sum(BITS[flag] for flag in step.get("flags", [])) + (CODES[step["S"]] if side == "S" else 0)
        message["dns.flags"] = [bits]
        message["dns.qry.name"] = [bare(question[0])]
        message["dns.qry.type"] = [TYPES[question[2]]]
        edns = step.get("edns", {})
        if edns:
            message["dns.rr.udp_payload_size"] = [int(edns["size"])]
            options = edns.get("options", [])
            for option in [options] if isinstance(options, str) else options:
                message["dns.opt.cookie.client"].append(follow.fill(option, names).decode().split()[1])
        for section in ("answer", "authority", "additional"):
            for record in step.get(section, []):
                owner, ttl, _, kind, *data = shlex.split(follow.fill(record, names).decode())
                for name, value in zip(RECORD, (bare(owner), TYPES[kind], int(ttl))):
                    message[name].append(value)
                # tshark shows the owner in three pieces, under other names.
                if TYPES[kind] == SRV:
                    message["dns.resp.name"].pop()
                for name, value in zip(DATA[TYPES[kind]], data):
                    message[name].append(number_or_name(value) if kind != "TXT" else value)
        messages.append(message)
    return messages


def shown(capture, transcript):
    number = transcript["source"]["client"].rsplit(":", 1)[1]
    server = transcript["source"]["server"].rsplit(":", 1)[1]
    layer = transcript.get("transport", "udp")
    lines = follow.tshark(
        capture, "-d", "{}.port=={},dns".format(layer, server), "-Y", "dns && {}.port=={}".format(layer, number), "-T", "fields",
        "-E", "aggregator=|", *(word for name in FIELDS for word in ("-e", name)))
    messages = []
    for line in lines.splitlines():
        values = dict(zip(FIELDS, ([one for one in value.split("|") if one] for value in line.split("\t"))))
        message = {name: [] for name in FIELDS}
        for name, found in values.items():
            message[name] = [value if name == "dns.txt" else number_or_name(value) for value in found]
        message["dns.flags"] = [int(values["dns.flags"][0], 16)]
        # The record that EDNS is carried in is no record of the transcript's.
        message["dns.resp.name"] = [name for name in message["dns.resp.name"] if name != "<root>"]
        message["dns.resp.type"] = [kind for kind in message["dns.resp.type"] if kind != OPT]
        messages.append(message)
    return messages


def number_or_name(value):
    return int(value) if value.isdigit() else bare(value)


def bare(name):
    return name.lower().rstrip(".")


if __name__ == "__main__":
    main(*sys.argv[1:])
