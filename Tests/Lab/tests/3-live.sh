# shellcheck shell=bash
# Real clients, captured as they talk to the servers: each capture is extracted, compared with tshark byte for byte, and replayed at the
# same server, put back into the state in which it was.

# live PROTOCOL PORT SECRET=VALUE[,…] COMMAND...: `-` for no secret. FTP has more than the one port.
live() {
  local protocol=$1 port=$2 ports=$2 transcript
  [ "$protocol" != ftp ] || ports=$ftp_ports
  local -a secrets=() transcripts
  [ "$3" = - ] || IFS=, read -ra secrets <<<"$3"
  shift 3
  awkward_mail >mail
  record live.pcap "$ports" "$@"
  extract live.pcap --protocol "$port=$protocol"
  mapfile -t transcripts < <(transcripts_of "$protocol")
  [ ${#transcripts[@]} -gt 0 ]
  for transcript in "${transcripts[@]}"; do "$(follower "$protocol")" live.pcap "$transcript" "${secrets[@]}"; done
  "$replique" check --strict "${transcripts[@]}"
  printf '%s\n' "${secrets[@]}" >secrets
  reset_state
  expect 0 replay "${transcripts[@]}" --target "$protocol=$(bracketed):$port" --secrets-file secrets
  no_secret_in "$work/result.json"
  result clean
}

# no_secret_in FILE: none of those in `secrets`.
no_secret_in() {
  local secret
  while IFS= read -r secret; do
    if grep -nF -- "${secret#*=}" "$1"; then
      echo "a secret stands in $1"
      return 1
    fi
  done < <(grep . secrets)
}

# An address or a name of the server's, for one live test.
live_at() {
  address=$1
  shift
  live "$@"
}

latin() {
  latin_mail >latin
  swaks_file "$1" latin
}

# 300 kB: not in the transcript itself, but in a file beside it.
large() {
  { awkward_mail; printf '.a line that begins with a dot, and goes on for a while\n%.0s' {1..5500}; } >mail
  swaks_file "$1" mail
}

check "live swaks" live smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo
check "live swaks, an awkward mail" live smtp "$smtp_port" - swaks_file "$smtp_port" mail
check "live swaks, a mail in Latin-1" live smtp "$smtp_port" - latin "$smtp_port"
check "live swaks, 300 kB" live smtp "$smtp_port" - large "$smtp_port"
check "live swaks, pipelined" live smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo,prof@local.demo --pipeline
check "live swaks, three recipients, one unknown" live smtp "$smtp_port" - \
  swaks_mail "$smtp_port" --to etu1@local.demo,nobody@local.demo,prof@local.demo
check "live swaks, HELO" live smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo --protocol SMTP
check "live swaks, AUTH PLAIN" live smtp "$submission_port" etu1=secret1 \
  swaks_mail "$submission_port" --to prof@local.demo --auth PLAIN --auth-user etu1 --auth-password secret1
check "live swaks, AUTH LOGIN" live smtp "$submission_port" etu1=secret1 \
  swaks_mail "$submission_port" --to prof@local.demo --auth LOGIN --auth-user etu1 --auth-password secret1
check "live swaks, AUTH CRAM-MD5" live smtp "$submission_port" etu1=secret1 \
  swaks_mail "$submission_port" --to prof@local.demo --auth CRAM-MD5 --auth-user etu1 --auth-password secret1
check "live swaks, AUTH refused" live smtp "$submission_port" etu1=mauvais \
  expect 28 swaks_mail "$submission_port" --to prof@local.demo --auth PLAIN --auth-user etu1 --auth-password mauvais
check "live swaks, LMTP" live lmtp "$lmtp_port" - \
  swaks_mail "$lmtp_port" --protocol LMTP --to etu1@local.demo,prof@local.demo
check "live msmtp" live smtp "$smtp_port" - msmtp_mail "$smtp_port" etu1@local.demo prof@local.demo
check "live curl, a mail" live smtp "$smtp_port" - curl_mail "$smtp_port"
check "live smtplib, SMTPUTF8" live smtp "$smtp_port" - python "$smtp_port" '
smtp = smtplib.SMTP(address, port, local_hostname="client.local.demo")
smtp.ehlo()
smtp.sendmail("prof@local.demo", ["étudiant@ailleurs.example", "etu1@local.demo"], open("mail", "rb").read(), ["SMTPUTF8", "BODY=8BITMIME"])
smtp.quit()'

check "live fetchmail, all deleted" live pop3 "$pop3_port" etu1=secret1 fetch "$pop3_port" secret1 'auth password' 'fetchall nokeep'
check "live fetchmail, CRAM-MD5, kept by unique ids" live pop3 "$pop3_port" etu1=secret1 fetch "$pop3_port" secret1 uidl keep
check "live fetchmail, APOP" live pop3 "$pop3_port" etu1=secret1 fetch "$pop3_port" secret1 'protocol APOP' fetchall
check "live fetchmail, wrong password" live pop3 "$pop3_port" etu1=mauvais expect 3 fetch "$pop3_port" mauvais 'auth password' fetchall
check "live curl, a mail read" live pop3 "$pop3_port" etu1=secret1 curl_pop3 "$pop3_port" 1 --login-options AUTH=PLAIN
check "live curl, CRAM-MD5" live pop3 "$pop3_port" etu1=secret1 curl_pop3 "$pop3_port" '' --login-options AUTH=CRAM-MD5
check "live curl, no such mail" live pop3 "$pop3_port" etu1=secret1 expect 8 curl_pop3 "$pop3_port" 9 --login-options AUTH=+APOP
check "live poplib" live pop3 "$pop3_port" etu1=secret1 python "$pop3_port" '
pop = poplib.POP3(address, port)
pop.user("etu1")
pop.pass_("secret1")
pop.stat(), pop.list(), pop.uidl(), pop.uidl(2), pop.top(1, 2), pop.retr(2), pop.dele(1), pop.noop(), pop.rset(), pop.dele(2)
try:
    pop.retr(2)
except poplib.error_proto:
    pass
pop.quit()'

if has_ipv6; then
  check "live swaks over IPv6" live_at "$server6" smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo -6
  check "live curl over IPv6" live_at "$server6" pop3 "$pop3_port" etu1=secret1 curl_pop3 "$pop3_port" 2 --login-options AUTH=PLAIN
else
  echo "skipped live tests over IPv6: there is none here"
fi
check "live swaks to a name" live_at "$server_name" smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo
