# shellcheck shell=bash
# The transcript of DNS that ships, and the captures, against dnsmasq over both families.

# looks_up ADDRESS [OPTION...]
looks_up() {
  address=$1
  shift
  expect 0 replay "$shipped/lab/dns.yaml" --target "$(bracketed):$dns_port" --var "server=$server4" "$@"
  result clean
}

for server in "${addresses[@]}"; do
  check "transcript lab/dns.yaml at $server" looks_up "$server"
done
check "transcript lab/dns.yaml a hundred times, ten at once" looks_up "$server4" --repeat 100 --jobs 10
if [ "$LAB_NETWORK" = namespace ]; then
  # These hold the addresses of that network.
  check "capture dns.pcap" replays dns.pcap dns 11
  check "capture seed-smtp.pcap, its DNS" replays seed-smtp.pcap dns 2
fi
