# shellcheck shell=bash
# Real clients at `replique serve`: they are content, and so is it; with a fault they say so.

# serves CAPTURE|TRANSCRIPT STATUS [OPTION...] -- COMMAND...: the client, whose @@ is the port, ends with that status; the server sees
# nothing wrong in what it says. A client that meets a fault may leave before the script's end.
serves() {
  local script=$1 status=$2
  local -a options=()
  shift 2
  while [ "$1" != -- ]; do
    options+=("$1")
    shift
  done
  shift
  if [[ $script == *.pcap ]]; then
    extract "$captures/$script"
    script=$(grep -lE '^protocol:' extracted/*.yaml | tail -n 1)
  fi
  awkward_mail >mail
  serve "$script" "${options[@]}"
  expect "$status" "${@//@@/$port}"
  served 0
  "$here/result.py" served.json "$([[ "${options[*]}" == *--fault* ]] && echo calm || echo clean)" >asked
  said "the client ended with $status; $(cat asked)"
}

check "serve for swaks" serves smtp.pcap 0 -- swaks_mail @@ --to etu1@local.demo
check "serve for swaks, by hand" serves "$shipped/lab/smtp.yaml" 0 -- swaks_mail @@ --to etu1@local.demo
check "serve for swaks, other people" serves smtp.pcap 0 -- swaks_mail @@ --to somebody@example.org --from another@example.org
check "serve for swaks, pipelined" serves "$shipped/examples/smtp-pipelining.yaml" 0 -- swaks_mail @@ --to etu1@local.demo --pipeline
check "serve for swaks, AUTH PLAIN" serves "$shipped/examples/smtp-auth-plain.yaml" 0 -- \
  swaks_mail @@ --to prof@local.demo --auth PLAIN --auth-user etu1 --auth-password secret1 --quit-after RCPT
check "serve for msmtp" serves msmtp.pcap 0 -- msmtp_mail @@ etu1@local.demo
check "serve for curl, a mail" serves curlsmtp.pcap 0 -- curl_mail @@
check "serve for fetchmail" serves pop3-ok.pcap 0 -- fetch @@ secret1 '' 'fetchall nokeep'
check "serve for fetchmail, by unique ids" serves pop3-uidl.pcap 0 -- fetch @@ secret1 uidl keep
check "serve for fetchmail, wrong password" serves pop3-err.pcap 3 -- fetch @@ mauvais '' fetchall
check "serve for poplib, APOP" serves "$shipped/examples/pop3-apop.yaml" 0 --secret etu1=secret1 -- \
  python @@ '
pop = poplib.POP3(address, port)
pop.apop("etu1", "secret1")
assert pop.stat() == (2, 451)
pop.quit()'

check "fault code=451@RCPT, swaks" serves smtp.pcap 24 --fault code=451@RCPT -- swaks_mail @@ --to etu1@local.demo
check "fault code=451@RCPT, msmtp" serves smtp.pcap 69 --fault code=451@RCPT -- msmtp_mail @@ etu1@local.demo
check "fault code=550@MAIL, curl" serves curlsmtp.pcap 55 --fault code=550@MAIL -- curl_mail @@
check "fault code=-ERR@PASS, fetchmail" serves pop3-ok.pcap 3 --fault code=-ERR@PASS -- fetch @@ secret1 '' fetchall
