# shellcheck shell=bash
# What the lab's tests are written with. Sourced behind servers.sh, on a stage.

passed=0 failed=0

# check NAME COMMAND...: one test, in a shell of its own, from servers and mailboxes as they are at the start. Its last `said` is shown.
check() {
  local name=$1 status
  shift
  wanted "$name" || return 0
  work=$LAB/work
  rm -rf "$work"
  mkdir -p "$work"
  (
    set -euo pipefail
    trap end_background EXIT
    cd "$work"
    set_passwords secret1 secret2
    reset_state
    "$@"
  ) >"$LAB/output" 2>&1 </dev/null
  status=$?
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    printf 'ok      %s: %s\n' "$name" "$(cat "$work/said" 2>/dev/null)"
    return
  fi
  failed=$((failed + 1))
  printf 'not ok  %s\n' "$name"
  {
    cat "$LAB/output"
    [ ! -s "$work/result.json" ] || "$here/result.py" "$work/result.json" show
  } | sed 's/^/        /'
  # What the test had changed in the servers may still be so.
  stop_servers
  start_servers || finish
}

# Filters are extended regular expressions on the test's name; without one all tests are wanted.
wanted() {
  [ ${#filters[@]} -gt 0 ] || return 0
  local filter
  for filter in "${filters[@]}"; do
    if [[ $1 =~ $filter ]]; then return 0; fi
  done
  return 1
}

finish() {
  stop_servers
  echo "$passed passed, $failed failed"
  if [ $((passed + failed)) -eq 0 ]; then exit 2; fi
  [ "$failed" -eq 0 ]
  exit
}

# said TEXT...: what was compared, for the test's line.
said() { echo "$*" | tee "$work/said"; }

# Background processes are started through "${client[@]}" or plainly, never through a function: the id is then the process's own.
end_background() {
  local -a started
  mapfile -t started < <(jobs -p)
  [ ${#started[@]} -eq 0 ] || kill "${started[@]}" 2>/dev/null || true
  wait
}

# expect STATUS COMMAND...: it ends with just that status.
expect() {
  local wanted=$1 status=0
  shift
  "$@" || status=$?
  if [ "$status" -ne "$wanted" ]; then
    echo "status $status instead of $wanted: $*"
    return 1
  fi
}

result() { /usr/bin/python3 "$here/result.py" "$work/result.json" "$@" >"$work/asked" && said "$(cat "$work/asked")"; }

# replay TRANSCRIPT... --target …: from the client's side.
replay() { "${client[@]}" "$replique" replay "$@" --report-json "$work/result.json"; }

# reply_line FILE REGEX: the line of the reply to the command that matches.
reply_line() {
  awk -v command="$2" '
    /^ *- C:/ { is_it = ($0 ~ command) }
    /^ *- S:/ && is_it { print FILENAME ":" FNR; found = 1; exit }
    END { if (!found) { print "no reply to " command " in " FILENAME >"/dev/stderr"; exit 1 } }' "$1"
}

# at REGEX [KEY]: where the answer, or another part, to the question that matches stands in the transcript.
at() {
  awk -v question="$1" -v key="${2:-answer}" '
    /^ *- C:/ { is_it = $0 ~ question }
    is_it && $0 ~ key ":" { print FILENAME ":" FNR; found = 1; exit }
    END { if (!found) { print "no " key " to " question " in " FILENAME >"/dev/stderr"; exit 1 } }' "$transcript"
}

# extract CAPTURE [OPTION...]: its transcripts, in the folder `extracted`.
extract() {
  rm -rf "$work/extracted"
  "$replique" extract "$@" -o "$work/extracted"
}

# transcripts_of PROTOCOL: what `extract` made for it, in the captured order.
transcripts_of() {
  grep -lx "protocol: $1" "$work"/extracted/*.yaml || { echo "no transcript of $1"; ls -l "$work/extracted"; return 1; }
}

# follower PROTOCOL: what compares a transcript of it with tshark.
follower() {
  case $1 in
  dns | http) echo "$here/follow_$1.py" ;;
  *) echo "$here/follow.py" ;;
  esac
}

# record CAPTURE PORT[,PORT|,FIRST-LAST...] COMMAND...: what the client and a server say to each other while the command runs, to the last
# packet. tcpdump appends to its output, so that it can be emptied meanwhile.
record() {
  local capture=$1 ports=$2 interface=c-eth0 status=0 pid
  shift 2
  [ "$LAB_NETWORK" = namespace ] || interface=lo
  : >"$work/tcpdump"
  "${client[@]}" tcpdump -i "$interface" --immediate-mode -B 16384 -U -s 0 -Z root -w "$capture" "$(captured_ports "$ports")" 2>>"$work/tcpdump" &
  pid=$!
  await "tcpdump" grep -q 'listening on' "$work/tcpdump"
  "$@" || status=$?
  if [ "$status" -eq 0 ]; then
    await "the connections to end" is_over "$ports" || { open_connections "$ports"; return 1; }
    await "the last packet" is_captured "$pid"
  fi
  kill -INT "$pid"
  wait "$pid" || true
  return "$status"
}

# captured_ports PORTS: the same for tcpdump; and what routers say, where all that they say is ours.
captured_ports() {
  local routers=
  [ "$LAB_NETWORK" = loopback ] || routers=' or icmp'
  sed -E 's/([0-9]+-[0-9]+)/portrange \1/g; s/(^|,)([0-9])/\1port \2/g; s/,/ or /g' <<<"$1$routers"
}

is_over() { [ -z "$(open_connections "$1")" ]; }

open_connections() {
  local port filter=()
  for port in ${1//,/ }; do
    filter+=(${filter:+or} "( sport >= :${port%-*} and sport <= :${port#*-} )" or "( dport >= :${port%-*} and dport <= :${port#*-} )")
  done
  "${client[@]}" ss -Htan state connected exclude time-wait "${filter[*]}"
}

# tcpdump says on SIGUSR1 how many packets it has written and how many there were: twice as many on the loopback, where each one passes
# going out and coming in and is written once.
is_captured() {
  local counts passes=1
  [ "$LAB_NETWORK" = namespace ] || passes=2
  : >"$work/tcpdump"
  kill -USR1 "$1"
  await "tcpdump's counts" grep -q 'dropped by kernel' "$work/tcpdump"
  counts=$(tr '\n' ' ' <"$work/tcpdump")
  [[ $counts =~ ([0-9]+)\ packets?\ captured,\ ([0-9]+)\ packets?\ received ]] && [ "${BASH_REMATCH[1]}" -gt 0 ] \
    && [ $((BASH_REMATCH[1] * passes)) -eq "${BASH_REMATCH[2]}" ]
}

# serve TRANSCRIPT [OPTION...]: in the background; sets `port`. `served STATUS` waits for its end.
serve() {
  "$replique" serve "$@" --listen "$server4:0" --once --report-json "$work/served.json" >"$work/served" 2>&1 &
  server=$!
  await "replique serve" grep -qE '^listening on .*:[0-9]+' "$work/served"
  port=$(sed -nE 's/^listening on .*:([0-9]+).*/\1/p' "$work/served")
}

served() {
  local status=0
  wait "$server" || status=$?
  cat "$work/served"
  [ "$status" -eq "$1" ] || { echo "serve ended with $status instead of $1"; "$here/result.py" "$work/served.json" show; return 1; }
}
