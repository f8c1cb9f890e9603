# shellcheck shell=bash
# Data connections many times over: a hundred replays one after the other, ten at once, and nothing that stays behind.

has_ftp || return 0

# replays_often TRANSCRIPT OPTION...: each is clean; afterwards there are as many sockets as before.
replays_often() {
  local transcript=$shipped/lab/$1
  shift
  expect 0 replay "$transcript" --target "$server4:$ftp_port" --secret etu1=secret1 "$@"
  "$here/result.py" result.json clean >asked
  said "$(cat asked)"
  settle
  await "all connections to end" is_over "$ftp_ports"
}

# Each in a process of its own, that takes its ports anew.
replays_in_a_row() {
  local round
  for round in {1..100}; do
    "${client[@]}" "$replique" replay "$shipped/lab/ftp.yaml" "$shipped/lab/ftp-passive.yaml" --target "$server4:$ftp_port" \
      --secret etu1=secret1 --report-json result.json >replayed 2>&1 || { echo "round $round"; cat replayed; return 1; }
  done
  said "$round times both"
}

check "often: ftp.yaml a hundred times" replays_often ftp.yaml --repeat 100
check "often: ftp.yaml a hundred times, ten at once" replays_often ftp.yaml --repeat 100 --jobs 10
check "often: ftp-passive.yaml a hundred times" replays_often ftp-passive.yaml --repeat 100
check "often: ftp-passive.yaml a hundred times, ten at once" replays_often ftp-passive.yaml --repeat 100 --jobs 10
check "often: a hundred runs" replays_in_a_row
