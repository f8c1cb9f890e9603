# shellcheck shell=bash
# Real Postfix and Dovecot without systemd, from private folders under $LAB. Sourced on a stage (see `stage`).
#
# Mail for etu1@local.demo and prof@local.demo goes to their mailboxes; users etu1/secret1 and prof/secret2 read them by POP3 and may
# submit mail. Each server is a process group of its own, started in the foreground, whose leader's id stands in $LAB/run/NAME.pid.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly uid_vmail=2900

if [ "$LAB_NETWORK" = namespace ]; then
  server4=192.168.1.1 server6=fd00:192:168:1::1 server_name=server.local.demo
  # A command behind "${client[@]}" runs on the client's side.
  client=(nsenter --net="$LAB/client/net" --uts="$LAB/client/uts" --)
else
  server4=127.0.0.1 server6=::1 server_name=localhost
  client=(env)
fi
addresses=("$server4")
if [[ "$(ip -6 -o address show)" == *"inet6 $server6/"* ]]; then addresses+=("$server6"); fi
readonly server4 server6 server_name client addresses

has_ipv6() { [ ${#addresses[@]} -eq 2 ]; }

# --- Both servers ------------------------------------------------------------------------------------------------------------------------

start_servers() {
  mkdir -p "$LAB/run" "$LAB/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=server.local.demo" \
    -keyout "$LAB/tls/server.key" -out "$LAB/tls/server.pem" 2>/dev/null
  # A port that was free may be taken by another a moment later: then other ports.
  local try
  for try in 1 2 3; do
    choose_ports
    if configure_postfix && configure_dovecot && reset_mailboxes && start_dovecot && start_postfix; then return; fi
    stop_servers
    [ "$LAB_NETWORK" = loopback ] || break
  done
  echo "lab: the servers do not start" >&2
  tail -n 20 "$LAB/postfix/log" "$LAB/dovecot/log" "$LAB"/run/*.out >&2 || true
  return 1
}

stop_servers() {
  stop postfix
  stop dovecot
}

choose_ports() {
  if [ "$LAB_NETWORK" = namespace ]; then
    smtp_port=25 submission_port=587 pop3_port=110 lmtp_port=24
  else
    local ports
    mapfile -t ports < <(free_ports 4)
    smtp_port=${ports[0]} submission_port=${ports[1]} pop3_port=${ports[2]} lmtp_port=${ports[3]}
  fi
}

# free_ports COUNT: TCP ports that nobody listens on.
free_ports() {
  /usr/bin/python3 -c '
import socket, sys
taken = []
for _ in range(int(sys.argv[1])):
    taken.append(socket.socket())
    taken[-1].bind(("127.0.0.1", 0))
    print(taken[-1].getsockname()[1])' "$1"
}

# template FILE NAME=VALUE...: the file with @NAME@ replaced, and @LAB@.
template() {
  local file=$1 pair
  local -a edits=(-e "s|@LAB@|$LAB|g")
  shift
  for pair in "$@"; do edits+=(-e "s|@${pair%%=*}@|${pair#*=}|g"); done
  sed "${edits[@]}" "$here/etc/$file"
}

# --- Postfix -----------------------------------------------------------------------------------------------------------------------------

configure_postfix() {
  local etc=$LAB/postfix/etc
  rm -rf "$LAB/postfix"
  mkdir -p "$etc" "$LAB/postfix/spool" "$LAB/postfix/data"
  chown postfix "$LAB/postfix/data"
  template main.cf "PROTOCOLS=$(has_ipv6 && echo all || echo ipv4)" "ADDRESSES=${addresses[*]}" >"$etc/main.cf"
  template master.cf "SMTP_PORT=$smtp_port" "SUBMISSION_PORT=$submission_port" >"$etc/master.cf"
  set_recipients etu1 prof
  postfix -c "$etc" check >>"$LAB/run/postfix.out" 2>&1
}

start_postfix() {
  start postfix env MAIL_CONFIG="$LAB/postfix/etc" /usr/lib/postfix/sbin/master -s
  await_greeting postfix "$smtp_port" '^220 ' && await_greeting postfix "$submission_port" '^220 '
}

# with_postfix SETTING=VALUE... -- COMMAND...: the command while Postfix runs with other settings.
with_postfix() {
  local status=0 etc=$LAB/postfix/etc
  cp "$etc/main.cf" "$etc/main.cf.kept"
  while [ "$1" != -- ]; do
    postconf -c "$etc" -e "$1"
    shift
  done
  shift
  stop postfix
  start_postfix
  "$@" || status=$?
  mv "$etc/main.cf.kept" "$etc/main.cf"
  stop postfix
  start_postfix
  return "$status"
}

# set_recipients NAME...: whose mail Postfix takes once it is started again.
set_recipients() {
  local name
  for name in "$@"; do echo "$name@local.demo $name/Maildir/"; done >"$LAB/postfix/recipients"
}

# --- Dovecot -----------------------------------------------------------------------------------------------------------------------------

configure_dovecot() {
  rm -rf "$LAB/dovecot"
  mkdir -p "$LAB/dovecot/run" "$LAB/dovecot/state" "$LAB/mail"
  set_passwords secret1 secret2
  template dovecot.conf "LISTEN=${addresses[*]}" "POP3_PORT=$pop3_port" "LMTP_PORT=$lmtp_port" >"$LAB/dovecot/dovecot.conf"
}

start_dovecot() {
  start dovecot dovecot -F -c "$LAB/dovecot/dovecot.conf"
  await_greeting dovecot "$pop3_port" '^\+OK' && await_greeting dovecot "$lmtp_port" '^220 '
}

# set_passwords ETU1 PROF: from now on. Dovecot looks for another file only once a second, so it is asked until it knows.
set_passwords() {
  local users=$LAB/dovecot/users
  printf 'etu1:{PLAIN}%s\nprof:{PLAIN}%s\n' "$1" "$2" >"$users.new"
  if cmp -s "$users.new" "$users"; then return; fi
  mv "$users.new" "$users"
  [ ! -s "$LAB/run/dovecot.pid" ] || await "Dovecot to know the passwords" knows_passwords "$1" "$2"
}

knows_passwords() {
  doveadm -c "$LAB/dovecot/dovecot.conf" auth test etu1 "$1" && doveadm -c "$LAB/dovecot/dovecot.conf" auth test prof "$2"
} &>/dev/null

# --- Mailboxes ---------------------------------------------------------------------------------------------------------------------------

# reset_mailboxes [UIDVALIDITY]: the two mails of mail/ for etu1, none for prof, with the same unique ids every time.
reset_mailboxes() {
  local validity=${1:-6b03f381} maildir=$LAB/mail/etu1/Maildir number=0 mail name
  settle
  rm -rf "$LAB/mail"
  mkdir -p "$maildir"/{cur,new,tmp} "$LAB"/mail/prof/Maildir/{cur,new,tmp}
  printf '3 V%d N3 G00000000000000000000000000000001\n' "0x$validity" >"$maildir/dovecot-uidlist"
  for mail in "$here"/mail/*.eml; do
    name=$((1709630100 + number)).M${number}P1.server
    number=$((number + 1))
    cp "$mail" "$maildir/new/$name"
    echo "$number :$name" >>"$maildir/dovecot-uidlist"
  done
  chown -R "$uid_vmail:$uid_vmail" "$LAB/mail"
}

# Waits until all mail is where it goes and no session holds a mailbox.
settle() { await "mail to be delivered and sessions to end" is_settled; }

is_settled() {
  local queue=$LAB/postfix/spool
  if [ -d "$queue/active" ] && [ -n "$(find "$queue"/{maildrop,incoming,active} -type f 2>/dev/null)" ]; then return 1; fi
  if [ -s "$LAB/run/dovecot.pid" ] && pgrep -g "$(<"$LAB/run/dovecot.pid")" -x 'pop3|lmtp' >/dev/null; then return 1; fi
}

# --- Processes ---------------------------------------------------------------------------------------------------------------------------

# start NAME COMMAND...: in a process group of its own, in our folder, and not among the jobs of this shell, which it may outlive.
start() {
  local name=$1
  shift
  (cd "$LAB" && exec setsid "$@") </dev/null >>"$LAB/run/$name.out" 2>&1 &
  echo $! >"$LAB/run/$name.pid"
  disown
  # Before it leads its group, it would be taken for gone.
  await "$name to begin" leads_group $!
}

# Whether a process has come as far as to lead its group, or is over already.
leads_group() { [ "$(ps -o pgid= -p "$1" | tr -d ' ')" = "$1" ] || ! kill -0 "$1" 2>/dev/null; }

# stop NAME: ends all of its processes, and no other.
stop() {
  local file=$LAB/run/$1.pid group
  [ -s "$file" ] || return 0
  group=$(<"$file")
  kill -TERM "$group" 2>/dev/null || true
  if ! await "$1 to end" is_gone "$group"; then kill -KILL -- "-$group" 2>/dev/null || true; fi
  rm -f "$file"
}

# Whether no process of the group runs; one that nobody has asked for its status yet does not count.
is_gone() { ! pgrep -g "$1" -r D,R,S,T >/dev/null; }

# await WHAT COMMAND...: until the command succeeds, at most 20 seconds.
await() {
  local what=$1 deadline=$((SECONDS + 20))
  shift
  until "$@"; do
    if [ $SECONDS -ge $deadline ]; then
      echo "lab: waited in vain for $what" >&2
      return 1
    fi
    sleep 0.02
  done
}

# await_greeting NAME PORT REGEX: until the server itself speaks, on every address family.
await_greeting() {
  local name=$1 port=$2 expected=$3 address
  for address in "${addresses[@]}"; do
    await "$name on $address port $port" greets_or_died "$name" "$address" "$port" "$expected" || return 1
  done
  ! is_gone "$(<"$LAB/run/$name.pid")"
}

greets_or_died() {
  if is_gone "$(<"$LAB/run/$1.pid")"; then return 0; fi
  timeout 5 bash -c '
    exec 3<>"/dev/tcp/$1/$2" && IFS= read -r line <&3 && [[ $line =~ $3 ]] && printf "QUIT\r\n" >&3 && read -r _ <&3' \
    - "$2" "$3" "$4" 2>/dev/null
}
