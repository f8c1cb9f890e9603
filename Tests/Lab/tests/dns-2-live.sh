# shellcheck shell=bash
# Real clients at dnsmasq, as in 3-live.sh: captured, extracted, compared with tshark, replayed.

# live_dns NAME ADDRESS COMMAND...
live_dns() {
  local name=$1 server=$2
  shift 2
  check "live $name" live_at "$server" dns "$dns_port" - "$@"
}

# What does not fit into a datagram is asked for again over TCP, which is a conversation of its own.
truncated() {
  live dns "$dns_port" - dig_name long.local.demo TXT
  [ "$(transcripts_of dns | wc -l)" -eq 2 ]
  grep -l 'tc,' extracted/*.yaml
  grep -l '^transport: tcp$' extracted/*.yaml
}

# The same question, played from the transcript of its datagram alone: the answer comes whole, over TCP.
asked_again() {
  cat >long.yaml <<'EOT'
replique: 1
protocol: dns
exchange:
  - C: long.local.demo. IN TXT
  - S: NOERROR
    answer: ["long.local.demo. 300 IN TXT ${:/.*/}"]
    grades: {new-record: note}
EOT
  expect 0 replay long.yaml --target "$server4:$dns_port" -v | tee replayed
  [ "$(grep -c 'un texte assez long' replayed)" -ge 8 ]
  result clean
}

for server in "${addresses[@]}"; do
  live_dns "dig at $server" "$server" dig_name server.local.demo A dual.local.demo AAAA local.demo MX wiki.local.demo A local.demo TXT \
    _pop3._tcp.local.demo SRV -x 192.168.1.1 inconnu.local.demo A server.local.demo MX
  live_dns "dig over TCP at $server" "$server" dig_name +tcp wiki.local.demo A dual.local.demo MX inconnu.local.demo A
done
live_dns "dig over one connection" "$server4" dig_name +tcp +keepopen server.local.demo A local.demo MX inconnu.local.demo A
live_dns "dig without EDNS" "$server4" dig_name +noedns +norecurse server.local.demo A inconnu.local.demo A
live_dns "dig, larger datagrams" "$server4" dig_name +bufsize=4096 +nocookie +dnssec long.local.demo TXT
live_dns "host" "$server4" host_name local.demo
live_dns "nslookup" "$server4" nslookup_name wiki.local.demo
check "live dig, truncated" truncated
check "live, truncated, and asked again" asked_again
