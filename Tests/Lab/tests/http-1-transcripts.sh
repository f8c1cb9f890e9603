# shellcheck shell=bash
# The transcripts and captures of HTTP that ship, against nginx and Squid.

# Ports are others where servers had to be started again.
reads_directly() { plays_at "$1" lab/http-direct.yaml "$http_port" --var "host=$http_host"; }
reads_outside() { plays_at "$1" lab/http-proxy.yaml "$proxy_port" --var "outside=$outside_host" --var "closed=www.exterieur.demo:$closed_port"; }

tunnels() {
  expect 0 replay "$shipped/lab/http-connect.yaml" --target "$server4:$proxy_port" --var "port=$outside_port"
  result clean
}

for server in "${addresses[@]}"; do
  check "transcript lab/http-direct.yaml at $server" reads_directly "$server"
  check "transcript lab/http-proxy.yaml at $server" reads_outside "$server"
  check "transcript lab/http-refused.yaml at $server" plays_at "$server" lab/http-refused.yaml "$closed_port"
done
check "transcript lab/http-connect.yaml" tunnels
if [ "$LAB_NETWORK" = namespace ]; then
  check "transcript lab/http-outside.yaml" plays_at "$outside4" lab/http-outside.yaml "$outside_port"
fi
