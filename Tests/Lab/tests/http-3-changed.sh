# shellcheck shell=bash
# Something has changed in the pages, in nginx or in Squid, as in 4-changed.sh.

# headers_of QUESTION: the line of the headers of the answer to it.
headers_of() { awk -v question="$1" '/- C:/ { on = $0 ~ question } /- S:/ && on { is_it = 1 } is_it && /headers:/ { print FILENAME ":" FNR; exit }' "$transcript"; }

# replay_pages STATUS
replay_pages() {
  transcript=$shipped/lab/http-direct.yaml
  expect "$1" replay "$transcript" --target "$server4:$http_port" --var "host=$http_host"
}

# replay_outside STATUS
replay_outside() {
  transcript=$shipped/lab/http-proxy.yaml
  expect "$1" replay "$transcript" --target "$server4:$proxy_port" --var "outside=$outside_host" --var "closed=www.exterieur.demo:$closed_port"
}

page_changed() {
  sed -i 's/sans proxy/avec un proxy/' "$LAB/web/www/index.html"
  replay_pages 1
  result has divergence missing-text "$(at 'GET / ' body)" 'sans proxy'
}

text_changed() {
  sed -i 's/^ligne 100 /LIGNE 100 /' "$LAB/web/www/long.txt"
  replay_pages 1
  result only divergence sha256 "$(at long.txt sha256)"
}

value_changed() {
  sed -i 's/"size": 3/"size": 4/' "$LAB/web/www/etat.json"
  replay_pages 1
  result only divergence content "$(at etat.json json)" 3 4
}

page_gone() {
  rm "$LAB/web/www/etat.json"
  replay_pages 1
  result has divergence reply-code "$(at etat.json S)" 200 404
}

page_there() {
  echo '<p>La voici.</p>' >"$LAB/web/www/absent.html"
  replay_pages 1
  result has divergence reply-code "$(at absent.html S)" 404 200
}

moved_elsewhere() {
  with_edited nginx "$LAB/nginx/conf" 's|return 301 /;|return 301 /etat.json;|' -- replay_pages 1
  result only divergence location "$(headers_of ancien)" "http://" etat.json
}

moved_for_now() {
  with_edited nginx "$LAB/nginx/conf" 's|return 301 /;|return 308 /;|' -- replay_pages 0
  result has drift reply-code "$(at ancien S)" 301 308
}

not_compressed() {
  with_edited nginx "$LAB/nginx/conf" 's/gzip on/gzip off/' -- replay_pages 0
  result has drift missing-header "$(headers_of long.txt)" gzip
}

web_server_down() {
  stop nginx
  replay_pages 3
  result reason unreachable
  start_nginx
}

# The proxy is there and says so.
outside_down() {
  stop outside
  replay_outside 1
  start_outside
  result has divergence reply-code "$(at 'outside}/ ' S)" 200 503
}

proxy_refuses() {
  with_edited squid "$LAB/squid/conf" 's/^http_access allow/http_access deny/' -- replay_outside 1
  result has divergence reply-code "$(at 'outside}/ ' S)" 200 403
}

somebody_there() {
  expect 1 replay "$shipped/lab/http-refused.yaml" --target "$server4:$http_port"
  result only divergence connected "$shipped/lab/http-refused.yaml:$(grep -n 'connect: refused' "$shipped/lab/http-refused.yaml" | cut -d: -f1)"
}

check "changed: a page" page_changed
check "changed: a text that is compressed on the way" text_changed
check "changed: a value in JSON" value_changed
check "changed: a page that is gone" page_gone
check "changed: a page that was not there" page_there
check "changed: where a page has moved to" moved_elsewhere
check "changed: how a page has moved" moved_for_now
check "changed: a text is not compressed any more" not_compressed
check "changed: the web server is down" web_server_down
check "changed: the server outside is down" outside_down
check "changed: the proxy refuses" proxy_refuses
check "changed: somebody is where nobody was" somebody_there
