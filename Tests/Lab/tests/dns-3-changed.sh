# shellcheck shell=bash
# Something has changed in the zone or in dnsmasq, as in 4-changed.sh.

# zone_changed STATUS EDIT [OPTION...]: plays what the client looks up while the zone is another.
zone_changed() {
  local status=$1 edit=$2
  shift 2
  transcript=$shipped/lab/dns.yaml
  with_dnsmasq "$edit" -- expect "$status" replay "$transcript" --target "$server4:$dns_port" --var "server=$server4" "$@"
}

address_changed() {
  zone_changed 1 's/^host-record=www.local.demo,.*/host-record=www.local.demo,192.168.1.2/'
  result only divergence record "$(at 'C: www')" 'A ${server}' 192.168.1.2
}

exchanger_changed() {
  zone_changed 1 's/^mx-host=local.demo,server.local.demo,10/mx-host=local.demo,server.local.demo,30/'
  result has divergence record "$(at 'IN MX')" 'MX 10' 'MX 30'
}

exchanger_added() {
  zone_changed 1 '$a mx-host=local.demo,dual.local.demo,20'
  result has divergence new-record "$(at 'IN MX' S)" '' 'MX 20 dual.local.demo.'
}

name_gone() {
  zone_changed 1 '/^host-record=www.local.demo,/d; /^cname=/d'
  result has divergence reply-code "$(at 'C: www' S)" NOERROR NXDOMAIN
}

# The name is there still.
record_gone() {
  zone_changed 1 '/^mx-host=local.demo,/d'
  result has divergence nodata "$(at 'IN MX')" records 'no records'
}

name_found() {
  zone_changed 1 '$a host-record=inconnu.local.demo,192.168.1.9'
  result only divergence reply-code "$(at 'C: inconnu' S)" NXDOMAIN NOERROR
}

# Where the transcript has a number, and not a pattern.
lifetime_changed() {
  sed 's/${:number=300} IN MX/300 IN MX/' "$shipped/lab/dns.yaml" >lifetime.yaml
  transcript=$work/lifetime.yaml
  with_dnsmasq 's/^local-ttl=.*/local-ttl=60/' -- expect 0 replay "$transcript" --target "$server4:$dns_port" --var "server=$server4"
  result only drift ttl "$(at 'IN MX')" 300 60
}

dns_server_down() {
  stop dnsmasq
  expect 3 replay "$shipped/lab/dns.yaml" --target "$server4:$dns_port" --var "server=$server4"
  result reason unreachable
  start_dnsmasq
}

# Datagrams arrive, and nobody ever answers; what is asked behind is not waited for, too.
dns_server_silent() {
  /usr/bin/python3 -u -c '
import signal, socket, sys
server = socket.socket(type=socket.SOCK_DGRAM)
server.bind((sys.argv[1], 0))
print(server.getsockname()[1])
signal.pause()' "$server4" >silent &
  await "a port" test -s silent
  transcript=$shipped/lab/dns.yaml
  expect 1 replay "$transcript" --target "$server4:$(cat silent)" --var "server=$server4" --timeout 1s
  result has divergence late "$(at 'C: server' S)"
}

check "changed: an address" address_changed
check "changed: the preference of a mail exchanger" exchanger_changed
check "changed: a second mail exchanger" exchanger_added
check "changed: a name that is no more" name_gone
check "changed: a name without its record" record_gone
check "changed: a name that was not there" name_found
check "changed: a time to live" lifetime_changed
check "changed: the name server is down" dns_server_down
check "changed: a name server that says nothing" dns_server_silent
