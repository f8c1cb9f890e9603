# shellcheck shell=bash
# Real clients at nginx and Squid, as in 3-live.sh: captured, extracted, compared with tshark, replayed.

# live_http NAME ADDRESS COMMAND...; live_proxy …
live_http() { check "live $1" live_at "$2" http "$http_port" etu1=secret1 "${@:3}"; }
live_proxy() { check "live $1 through the proxy" live_at "$2" http "$proxy_port" - "${@:3}"; }

# What is there and what is not, in whole and in part, as it is and compressed.
reads_pages() {
  curl_http "$http_port" /
  curl_http "$http_port" /absent.html
  curl_http "$http_port" /long.txt --compressed
  curl_http "$http_port" /long.txt --range 100-199
  curl_http "$http_port" / --time-cond '5 Mar 2024 10:20:00 GMT'
  curl_http "$http_port" /vide
  curl_http "$http_port" /etat.json --http1.0
  curl_http "$http_port" / --head
}

# Two requests over one connection; a body; one that is announced first; one that is too long; a method that is not for
# files; a password.
says_things() {
  curl_http "$http_port" /ancien --location
  curl_http "$http_port" /depot --data 'nom=etu1&note=12'
  curl_http "$http_port" /depot --data @mail --header 'Expect: 100-continue'
  head -c 5000 /dev/zero | tr '\0' x >large
  curl_http "$http_port" /depot --data @large
  curl_http "$http_port" / --data nom=etu1
  curl_http "$http_port" /prive --user etu1:secret1
}

wgets() {
  wget_http "$http_port" /
  wget_http "$http_port" /etat.json --spider
  wget_http "$http_port" /prive --user=etu1 --password=secret1
  expect 8 wget_http "$http_port" /absent.html
}

# Requests before their answers have come, and one in the words of 1.0 whose answer ends with the connection.
types() {
  printf 'GET / HTTP/1.1\r\nHost: www.local.demo\r\n\r\nGET /etat.json HTTP/1.1\r\nHost: www.local.demo\r\nConnection: close\r\n\r\n' \
    | "${client[@]}" nc -N "$address" "$http_port" >pages
  printf 'GET /etat.json HTTP/1.0\r\n\r\n' | "${client[@]}" nc -N "$address" "$http_port" >pages
}

# The page outside, one that is not there, our own, and where nobody is.
goes_out() {
  proxied curl --silent --show-error --output page "http://$outside_host/" "http://$outside_host/absent.html"
  proxied curl --silent --show-error --output page "http://$http_host/etat.json"
  proxied curl --silent --show-error --output page "http://www.exterieur.demo:$closed_port/"
  proxied wget --no-verbose --tries=1 --timeout=20 --output-document=page "http://$outside_host/"
}

# Nothing is known of the name.
asks_for_nobody() { proxied curl --silent --show-error --output page http://inconnu.local.demo/; }

goes_through() { proxied curl --silent --show-error --proxytunnel --output page "http://$outside_host/"; }

# A tunnel carries whatever goes through it.
mails_through() {
  awkward_mail >mail
  record live.pcap "$proxy_port" "${client[@]}" curl --silent --show-error --max-time 20 --proxytunnel --proxy "http://$server4:$proxy_port" \
    "smtp://server.local.demo:$smtp_port/client.local.demo" --mail-from prof@local.demo --mail-rcpt etu1@local.demo --crlf --upload-file mail
  extract live.pcap --protocol "$proxy_port=http"
  reset_state
  grep -qx '  - protocol: smtp' "$(transcripts_of http)"
  expect 0 replay "$(transcripts_of http)" --target "$server4:$proxy_port"
  result clean
}

# Somebody is reached there, or not.
calls() { expect 7 "${client[@]}" curl --silent --show-error --noproxy '*' "http://$1:$2/"; }

for server in "${addresses[@]}"; do
  live_http "curl at $server" "$server" reads_pages
  live_http "wget at $server" "$server" wgets
  live_proxy "curl and wget to $server" "$server" goes_out
done
live_http "curl with bodies and passwords" "$server4" says_things
check "live curl, wrong password" live http "$http_port" etu1=mauvais curl_http "$http_port" /prive --user etu1:mauvais
live_http "nc, pipelined" "$server4" types
live_proxy "curl, CONNECT" "$server4" goes_through
check "live curl, a mail through the proxy" mails_through
check "live curl, nobody there" live http "$closed_port" - calls "$server4" "$closed_port"
if [ "$LAB_NETWORK" = namespace ]; then
  live_proxy "curl to an unknown name" "$server4" asks_for_nobody
  check "live curl, outside" live_at "$outside4" http "$outside_port" - calls "$outside4" "$outside_port"
fi
