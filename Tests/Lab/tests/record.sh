# shellcheck shell=bash
# `replique record` while real clients talk to the servers: what it writes is what `extract` makes of the packets that it writes beside, and is
# replayed at the same server. Root is given up, files are whole however it ends, and what it cannot do it says.

interface=c-eth0
[ "$LAB_NETWORK" = namespace ] || interface=lo

# listen OPTION...: begins to record, on the client's side; sets `recorder`. `behind` is what env(1) is told in front of the command.
behind=()
listen() {
  : >said.err
  "${client[@]}" env "${behind[@]}" "$replique" record "$@" >said.out 2>said.err &
  recorder=$!
  await "replique record" is_recording
}

is_recording() { grep -q '^recording ' said.err || ! kill -0 "$recorder" 2>/dev/null; }

# ended STATUS [SIGNAL]: it ends by itself, or by that signal, with that status.
ended() {
  local status=0
  [ $# -lt 2 ] || kill "-$2" "$recorder"
  wait "$recorder" || status=$?
  cat said.out said.err
  [ "$status" -eq "$1" ] || { echo "record ended with $status instead of $1"; return 1; }
}

# belongs_to USER: the process, in all of its threads, has nothing of root's.
belongs_to() {
  local id group thread
  id=$(id -u "$1") group=$(id -g "$1")
  for thread in "/proc/$recorder/task"/*/status; do
    grep -Pq "^Uid:\t$id\t$id\t$id\t$id$" "$thread"
    grep -Pq "^Gid:\t$group\t$group\t$group\t$group$" "$thread"
    ! grep -Pq '^Groups:.*\b0\b' "$thread"
    [ "$(grep -cP '^Cap(Inh|Prm|Eff|Amb):\t0+$' "$thread")" -eq 4 ]
  done
}

# has_transcripts N: so many stand in `recorded`, and all are whole, since nothing else ever has a name.
has_transcripts() { [ "$(find recorded -name '*.yaml' | wc -l)" -ge "$1" ]; }

# agrees_with_extract PORT PROTOCOL: the digest is missing only, as the capture was not whole yet.
agrees_with_extract() {
  tcpdump -r live.pcap -n >packets 2>tcpdump.err
  ! grep -i truncated tcpdump.err
  extract live.pcap --protocol "$1=$2"
  sed -i '/^  sha256: /d' extracted/*.yaml
  diff -r recorded extracted
}

# records PROTOCOL PORT SECRET COMMAND...: a conversation, from its packets to the replay; `-` for no secret.
records() {
  local protocol=$1 port=$2 secret=$3
  shift 3
  awkward_mail >mail
  local -a wanted=(--port "$port")
  # Data connections have other ports.
  [ "$protocol" != ftp ] || wanted=(--filter "tcp port $ftp_port or tcp port $ftp_data_port or tcp portrange $pasv_min-$pasv_max")
  listen -i "$interface" "${wanted[@]}" --protocol "$port=$protocol" --pcap live.pcap -o recorded
  belongs_to nobody
  "$@"
  await "the transcript" has_transcripts 1
  ended 0 INT
  [ "$(stat -c %U recorded recorded/*.yaml live.pcap | sort -u)" = nobody ]
  agrees_with_extract "$port" "$protocol"
  if [ "$secret" = - ]; then : >secrets; else echo "$secret" >secrets; fi
  mapfile -t secret < <(grep . secrets || true)
  "$here/follow.py" live.pcap recorded/*.yaml "${secret[@]}"
  reset_state
  expect 0 replay recorded/*.yaml --target "$server4:$port" --secrets-file secrets
  result clean
}

# Every interface together has another link layer; the packets of the servers' side pass, too.
records_everything() {
  listen -i any --filter "tcp port $smtp_port" --protocol "$smtp_port=smtp" -o recorded --count 1
  swaks_mail "$smtp_port" --to etu1@local.demo
  ended 0
  [ "$(find recorded -name 'any-*-smtp-etu1@local.demo.yaml' | wc -l)" -eq 1 ]
  reset_state
  expect 0 replay recorded/*.yaml --target "$server4:$smtp_port"
  result clean
}

# Of three conversations, two are asked for.
counts() {
  local _
  listen -i "$interface" --port "$smtp_port" --protocol "$smtp_port=smtp" -o recorded --count 2
  for _ in 1 2 3; do swaks_mail "$smtp_port" --to etu1@local.demo; done
  ended 0
  [ "$(find recorded -type f | wc -l)" -eq 2 ]
  said "two of three conversations"
}

# Nothing is there to be recorded, which is no success.
lasts() {
  listen -i "$interface" --port 9 -o recorded --duration 200ms
  ended 2
  grep 'no conversation' said.err
  said "nothing was said in 200 ms"
}

# The client has not said all yet.
is_interrupted() {
  coproc talker { python "$smtp_port" '
smtp = smtplib.SMTP(address, port, local_hostname="client.local.demo")
smtp.ehlo()
print("ready", flush=True)
sys.stdin.readline()
smtp.quit()'; }
  read -r -u "${talker[0]}" _
  ended 0 TERM
  echo >&"${talker[1]}"
  wait "$talker_PID"
}

leaves_open() {
  listen -i "$interface" --port "$smtp_port" --protocol "$smtp_port=smtp" --pcap live.pcap -o recorded
  is_interrupted
  grep -h 'The capture ends before this conversation does' recorded/*.yaml
  agrees_with_extract "$smtp_port" smtp
  "$replique" check recorded
  said "$(grep -c ' C: ' recorded/*.yaml) command of an open conversation"
}

# Killed, it has written what was there until then.
is_killed() {
  listen -i "$interface" --port "$smtp_port" --protocol "$smtp_port=smtp" --pcap live.pcap -o recorded
  swaks_mail "$smtp_port" --to etu1@local.demo
  await "the transcript" has_transcripts 1
  ended 137 KILL
  agrees_with_extract "$smtp_port" smtp
  said "transcript and packets are whole"
}

# The caller of sudo gets the files, also where the way to them is closed to everybody but root.
gives_up_root() {
  mkdir -m 700 closed
  behind=(SUDO_UID="$(id -u daemon)" SUDO_GID="$(id -g daemon)")
  listen -i "$interface" --port "$smtp_port" --protocol "$smtp_port=smtp" --pcap closed/live.pcap -o closed/a/recorded --count 1
  belongs_to daemon
  swaks_mail "$smtp_port" --to etu1@local.demo
  ended 0
  [ "$(stat -c %U closed/a closed/a/recorded closed/a/recorded/*.yaml closed/live.pcap | sort -u)" = daemon ]
  grep -x '  capture: ../../live.pcap' closed/a/recorded/*.yaml
  said "all is the caller's"
}

# With the capability alone; it is given up as root is.
needs_no_root() {
  mkdir -m 777 out
  cp "$replique" capable
  setcap cap_net_raw+ep capable
  replique=$PWD/capable
  behind=(setpriv --reuid daemon --regid daemon --clear-groups)
  listen -i "$interface" --port "$smtp_port" --protocol "$smtp_port=smtp" --pcap out/live.pcap -o out/recorded --count 1
  belongs_to daemon
  swaks_mail "$smtp_port" --to etu1@local.demo
  ended 0
  [ "$(stat -c %U out/recorded/*.yaml out/live.pcap | sort -u)" = daemon ]
  said "the capability is enough"
}

# refuses STATUS TEXT COMMAND...: it says so, and has not begun.
refuses() {
  local status=$1 text=$2
  shift 2
  mkdir -m 755 roots
  echo packets >there.pcap
  expect "$status" "${client[@]}" "$@" >output 2>&1
  cat output
  grep -qE -- "$text" output
  ! grep -q '^recording' output
  [ "$(cat there.pcap)" = packets ]
  [ ! -s new.pcap ]
  said "$(head -n 1 output)"
}

check "record swaks" records smtp "$smtp_port" - swaks_mail "$smtp_port" --to etu1@local.demo
check "record swaks, an awkward mail" records smtp "$smtp_port" - swaks_file "$smtp_port" mail
check "record fetchmail" records pop3 "$pop3_port" etu1=secret1 fetch "$pop3_port" secret1 'auth password' 'fetchall nokeep'
if has_ftp; then
  check "record curl, FTP" records ftp "$ftp_port" etu1=secret1 curl_ftp "$ftp_port" etu1:secret1 pub/ --output listing
  check "record curl, FTP, active" records ftp "$ftp_port" etu1=secret1 curl_ftp "$ftp_port" etu1:secret1 image.bin --ftp-port - --output image.bin
fi
check "record on any interface" records_everything
check "record --count" counts
check "record --duration" lasts
check "record, ended in the middle of a conversation" leaves_open
check "record, killed" is_killed
check "record for the caller of sudo" gives_up_root
if command -v setcap >/dev/null; then
  check "record without root" needs_no_root
else
  echo "skipped record without root: there is no setcap here"
fi
check "record without permission" refuses 3 'CAP_NET_RAW.*setcap cap_net_raw\+ep /' \
  setpriv --reuid daemon --regid daemon --clear-groups "$replique" record -i "$interface"
check "record on an unknown interface" refuses 2 "no interface ${interface}x; did you mean '$interface'\?.* any" "$replique" record -i "${interface}x"
check "record with a wrong filter" refuses 2 '^replique: --filter prot 25: .*syntax' "$replique" record -i "$interface" --filter 'prot 25'
check "record over another capture" refuses 2 'there.pcap: there already' "$replique" record -i "$interface" --pcap there.pcap
check "record into a folder of root's" refuses 3 'roots: not writable for nobody' "$replique" record -i "$interface" -o roots --pcap new.pcap
check "record where packets have no room" refuses 3 '/dev/full: No space' "$replique" record -i "$interface" -o out --pcap /dev/full
