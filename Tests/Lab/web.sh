# shellcheck shell=bash
# A real nginx on the server and another outside, which the client reaches through a real Squid only. Sourced by servers.sh.

if [ "$LAB_NETWORK" = namespace ]; then
  outside4=203.0.113.80
  outside=(nsenter --net="$LAB/outside/net" --)
else
  # Nothing keeps a client of this machine from it.
  outside4=127.0.0.1
  outside=(env)
fi
readonly outside4 outside

configure_web() {
  local address nginx='' squid=''
  for address in "${addresses[@]}"; do
    [[ $address != *:* ]] || address="[$address]"
    nginx+="listen $address:$http_port; "
    squid+="${squid:+\\n}http_port $address:$proxy_port"
  done
  configure_nginx nginx www.local.demo www "$nginx"
  configure_nginx outside www.exterieur.demo outside "listen $outside4:$outside_port;"
  mkdir -p "$LAB/squid"
  chown proxy:proxy "$LAB/squid"
  echo "$outside4 www.exterieur.demo
$server4 www.local.demo server.local.demo" >"$LAB/squid/hosts"
  template squid.conf "LISTEN=$squid" "DNS=$server4" >"$LAB/squid/conf"
}

# configure_nginx NAME HOST FOLDER LISTEN: a server of its own.
configure_nginx() {
  local folder=$LAB/$1
  mkdir -p "$folder/tmp"
  echo "etu1:$(openssl passwd -apr1 secret1)" >"$folder/users"
  template nginx.conf "FOLDER=$folder" "NAME=$2" "ROOT=$LAB/web/$3" "LISTEN=$4" >"$folder/conf"
}

start_web() { start_nginx && start_outside && start_squid; }

stop_web() {
  stop nginx
  stop outside
  stop squid
}

start_nginx() {
  start nginx nginx -c "$LAB/nginx/conf" -p "$LAB/nginx" -e "$LAB/nginx/error.log"
  await_page nginx "$http_port" 200 "${addresses[@]}"
}

start_outside() {
  start outside "${outside[@]}" nginx -c "$LAB/outside/conf" -p "$LAB/outside" -e "$LAB/outside/error.log"
  await_page outside "$outside_port" 200 "$outside4"
}

# Squid takes no more than its own words; -n keeps it apart from others of this machine.
start_squid() {
  start squid squid -N -n "lab$$" -f "$LAB/squid/conf"
  await_page squid "$proxy_port" 400 "${addresses[@]}"
}

# await_page NAME PORT STATUS ADDRESS...
await_page() {
  local name=$1 port=$2 status=$3 address
  shift 3
  for address in "$@"; do await "$name on $address port $port" shows_or_died "$name" "$address" "$port" "$status" || return 1; done
  ! is_gone "$(<"$LAB/run/$name.pid")"
}

shows_or_died() {
  local address
  if is_gone "$(<"$LAB/run/$1.pid")"; then return 0; fi
  address=$2
  [ "$(curl --silent --noproxy '*' --max-time 5 --output /dev/null --write-out '%{http_code}' "http://$(bracketed):$3/")" = "$4" ]
}

# reset_pages: what web/ has, all of one date.
reset_pages() {
  rm -rf "$LAB/web"
  cp -r "$here/web" "$LAB/web"
  chmod -R u=rwX,go=rX "$LAB/web"
  find "$LAB/web" -exec touch --date='2024-03-05 10:20:00Z' {} +
}
