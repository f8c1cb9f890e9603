# shellcheck shell=bash
# dig at `replique serve`.

# What a transcript answers is what dig gets, whatever is asked first; each question comes from a port of its own.
serves_names() {
  "$replique" serve "$shipped/lab/dns.yaml" --var "server=$server4" --listen "$server4:0" >"$work/served" 2>&1 &
  await "replique serve" grep -qE '^listening on .*:[0-9]+' "$work/served"
  port=$(sed -nE 's/^listening on .*:([0-9]+).*/\1/p' "$work/served")
  [ "$(dns_port=$port dig_name +short local.demo MX)" = '10 server.local.demo.' ]
  [ "$(dns_port=$port dig_name +short www.local.demo A)" = "$server4" ]
  [ "$(dns_port=$port dig_name +short -x 192.168.1.1)" = server.local.demo. ]
  [ -z "$(dns_port=$port dig_name +short server.local.demo AAAA)" ]
  dns_port=$port dig_name inconnu.local.demo A | grep 'status: NXDOMAIN'
  dns_port=$port dig_name ailleurs.example A | grep 'status: REFUSED'
  said "six answers"
}

# serves_name OPTION... -- STATUS TEXT: what was recorded over that transport.
serves_name() {
  local -a options=()
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  record live.pcap "$dns_port" dig_name "${options[@]}" wiki.local.demo A
  extract live.pcap --protocol "$dns_port=dns"
  serve "$(transcripts_of dns)"
  dns_port=$port expect "$2" dig_name "${options[@]}" wiki.local.demo A | tee dug
  grep "$3" dug
  served 0
  "$here/result.py" served.json clean >asked
  said "$(cat asked)"
}

check "serve for dig" serves_names
check "serve for dig, over a datagram" serves_name +notcp -- 0 'CNAME'
check "serve for dig, over TCP" serves_name +tcp -- 0 'CNAME'
