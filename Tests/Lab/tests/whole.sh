# shellcheck shell=bash
# The whole story: one transcript of several conversations, each of which goes to where the first one has led.

# tells_it STATUS [REPLAY_OPTION...]
tells_it() {
  transcript=$shipped/lab/whole-lab.yaml
  expect "$1" replay "$transcript" --target "dns=$server4:$dns_port" --var "smtp=$smtp_port" --var "pop3=$pop3_port" \
    --var "ftp=$ftp_port" --var "http=$http_port" --var "proxy=$proxy_port" --var "outside=$outside_host" \
    --secret prof=secret2 --secret etu1=secret1 "${@:2}"
}

tells_it_well() {
  tells_it 0
  result clean
}

# Ten times from one mailbox, which is as empty afterwards.
tells_it_often() {
  local round
  for round in {1..10}; do tells_it 0 >told 2>&1 || { echo "round $round"; cat told; return 1; }; done
  said "$round times"
}

# Only the page is where another name leads.
server_unknown() {
  with_dnsmasq '/^host-record=server.local.demo,/d' -- tells_it 1 >told
  [ "$(grep -c "skipped: no earlier conversation has bound 'server'" told)" -eq 4 ]
  result only divergence reply-code "$(at '[{]mx[}] IN A' S)" NOERROR NXDOMAIN
}

# A name leads to a machine that nobody has named: nothing is sent there.
server_elsewhere() {
  with_dnsmasq 's/^host-record=server.local.demo,.*/host-record=server.local.demo,192.0.2.9/' -- tells_it 2 >told
  [ "$(grep -c '192.0.2.9:.* is not contacted' told)" -eq 4 ]
  result reason unbound
}

page_missing() {
  rm "$LAB/web/www/index.html"
  tells_it 1
  result has divergence reply-code "$(at 'GET / ' S)" 200 403
}

if has_ftp; then
  check "whole lab" tells_it_well
  check "whole lab often" tells_it_often
  check "whole lab, a server without an address" server_unknown
  check "whole lab, a server that is elsewhere" server_elsewhere
  check "whole lab, no page" page_missing
fi
