# shellcheck shell=bash
# A real dnsmasq. Sourced by servers.sh.

# Of local.demo it knows everything; of other names, that they are not there.
configure_dnsmasq() {
  local address listen='' long='' number
  mkdir -p "$LAB/dnsmasq"
  for address in "${addresses[@]}"; do listen+="${listen:+\\n}listen-address=$address"; done
  for number in 1 2 3 4 5 6 7 8; do long+="${long:+\\n}txt-record=long.local.demo,\"$number $(printf 'un texte assez long %.0s' {1..12})\""; done
  template dnsmasq.conf "LISTEN=$listen" "SERVER4=$server4" "SERVER6=$server6" "DNS_PORT=$dns_port" "LONG=$long" >"$LAB/dnsmasq/conf"
}

start_dnsmasq() {
  local address
  start dnsmasq dnsmasq --conf-file="$LAB/dnsmasq/conf"
  for address in "${addresses[@]}"; do await "dnsmasq on $address port $dns_port" answers_or_died "$address" || return 1; done
  ! is_gone "$(<"$LAB/run/dnsmasq.pid")"
}

answers_or_died() {
  if is_gone "$(<"$LAB/run/dnsmasq.pid")"; then return 0; fi
  dig +tries=1 +time=1 -p "$dns_port" "@$1" local.demo SOA >/dev/null
}

# with_dnsmasq EDIT... -- COMMAND...: the command while dnsmasq runs with another zone; see `with_edited`.
with_dnsmasq() { with_edited dnsmasq "$LAB/dnsmasq/conf" "$@"; }
