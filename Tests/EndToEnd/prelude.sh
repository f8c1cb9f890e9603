# For the commands of Cases/: a scripted server on a free port.

# serve TRANSCRIPT OPTION…: leaves its address in $address, its output in served.
serve() {
  : >served
  replique serve "$@" --listen 127.0.0.1:0 --once --color never >served 2>served.err &
  server=$!
  until address=$(sed -n 's/^listening on \([^ ]*\) .*/\1/p' served) && [ -n "$address" ]; do
    kill -0 "$server" 2>/dev/null || { cat served.err >&2; return 1; }
  done
}

# What the server said once it has ended, and its status.
served() {
  status=0
  wait "$server" || status=$?
  grep -v '^listening on' served
  echo "served: $status"
}
