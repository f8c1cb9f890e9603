# shellcheck shell=bash
# The captures that ship, of real clients at servers like these: extracted, then replayed.

readonly captures=$root/Tests/Fixtures/captures

# replays CAPTURE PROTOCOL CONVERSATIONS [SECRET=VALUE...]: as tshark shows them, and with no divergence from the servers.
replays() {
  local capture=$captures/$1 protocol=$2 conversations=$3 port transcript
  local -a transcripts
  shift 3
  port=${protocol}_port
  port=${!port}
  extract "$capture"
  mapfile -t transcripts < <(transcripts_of "$protocol")
  [ ${#transcripts[@]} -eq "$conversations" ] || { echo "${#transcripts[@]} transcripts instead of $conversations"; return 1; }
  for transcript in "${transcripts[@]}"; do "$(follower "$protocol")" "$capture" "$transcript" "$@"; done
  printf '%s\n' "$@" >secrets
  expect 0 replay "${transcripts[@]}" --target "$protocol=$server4:$port" --secrets-file secrets
  result clean
}

# Dovecot could not open the mailbox and says so unasked, often before the next command has come: no two runs of it are alike, so that the
# transcript's own server takes its place.
unreadable_replays() {
  local transcript
  extract "$captures/pop3-err-internal.pcap"
  transcript=$(transcripts_of pop3)
  "$here/follow.py" "$captures/pop3-err-internal.pcap" "$transcript" etu1=secret1
  serve "$transcript" --secret etu1=secret1
  expect 0 replay "$transcript" --target "$server4:$port" --secret etu1=secret1
  result clean
  served 0
}

for capture in smtp.pcap smtp-v4.pcap smtp6.pcap seed-smtp.pcap lo-srvns.pcap msmtp.pcap curlsmtp.pcap tls-smtp-starttls.pcap; do
  check "capture $capture" replays "$capture" smtp 1
done
check "capture smtp-rej.pcap" replays smtp-rej.pcap smtp 3
check "capture pop3-ok.pcap" replays pop3-ok.pcap pop3 1 etu1=secret1
check "capture pop3-uidl.pcap" replays pop3-uidl.pcap pop3 1 etu1=secret1
check "capture pop3-err.pcap" replays pop3-err.pcap pop3 1 etu1=mauvais
check "capture pop3-err-internal.pcap" unreadable_replays
check "capture mutt-pop.pcap" replays mutt-pop.pcap pop3 1 etu1=secret1
check "capture tls-pop3-stls.pcap" replays tls-pop3-stls.pcap pop3 1
