# shellcheck shell=bash
# Real dnsmasq, Postfix, Dovecot, vsftpd, nginx and Squid without systemd, from private folders under $LAB. Sourced on a stage (see `stage`).
#
# Mail for etu1@local.demo and prof@local.demo goes to their mailboxes; users etu1/secret1 and prof/secret2 read them by POP3, may submit
# mail, and have files at home by FTP. Each server is a process group of its own, started in the foreground, whose leader's id stands in
# $LAB/run/NAME.pid.

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly uid_vmail=2900 uid_etu1=2001 uid_prof=2002

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

. "$here/names.sh"
. "$here/web.sh"

has_ipv6() { [ ${#addresses[@]} -eq 2 ]; }

# --- All servers -------------------------------------------------------------------------------------------------------------------------

start_servers() {
  mkdir -p "$LAB/run" "$LAB/tls"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=server.local.demo" \
    -keyout "$LAB/tls/server.key" -out "$LAB/tls/server.pem" 2>/dev/null
  # A port that was free may be taken by another a moment later: then other ports.
  local try
  for try in 1 2 3; do
    choose_ports
    if configure_dnsmasq && configure_postfix && configure_dovecot && configure_vsftpd && configure_web && reset_state \
      && start_dnsmasq && start_dovecot && start_postfix && start_vsftpd && start_web; then
      return
    fi
    stop_servers
    [ "$LAB_NETWORK" = loopback ] || break
  done
  echo "lab: the servers do not start" >&2
  tail -n 20 "$LAB/dnsmasq/log" "$LAB/postfix/log" "$LAB/dovecot/log" "$LAB/vsftpd/log" "$LAB"/{nginx,outside}/error.log "$LAB/squid/cache.log" "$LAB"/run/*.out >&2 || true
  return 1
}

stop_servers() {
  stop dnsmasq
  stop postfix
  stop dovecot
  stop_vsftpd
  stop_web
}

choose_ports() {
  if [ "$LAB_NETWORK" = namespace ]; then
    http_port=80 outside_port=80 proxy_port=3128 closed_port=8081 dns_port=53 smtp_port=25 submission_port=587 pop3_port=110 lmtp_port=24 ftp_port=21 ftp_data_port=20 pasv_min=40000
  else
    local ports
    mapfile -t ports < <(free_ports 11)
    smtp_port=${ports[0]} submission_port=${ports[1]} pop3_port=${ports[2]} lmtp_port=${ports[3]} ftp_port=${ports[4]}
    ftp_data_port=${ports[5]} dns_port=${ports[6]} http_port=${ports[7]} outside_port=${ports[8]} proxy_port=${ports[9]}
    closed_port=${ports[10]}
    # Below the ports that are given to connections; vsftpd takes those of them that are free.
    pasv_min=$((16000 + RANDOM % 16000))
  fi
  # As URLs have them: 80 goes without saying.
  http_host=www.local.demo outside_host=www.exterieur.demo
  [ "$http_port" -eq 80 ] || http_host+=:$http_port
  [ "$outside_port" -eq 80 ] || outside_host+=:$outside_port
  pasv_max=$((pasv_min + 100))
  # All that FTP says, for `record`.
  ftp_ports=$ftp_port,$ftp_data_port,$pasv_min-$pasv_max
}

# The mails and files that a test finds.
reset_state() {
  settle
  reset_mailboxes "$@"
  reset_files
  reset_pages
}

# Waits until all mail is where it goes and no session holds a mailbox or a file.
settle() { await "mail to be delivered and sessions to end" is_settled; }

is_settled() {
  local queue=$LAB/postfix/spool
  if [ -d "$queue/active" ] && [ -n "$(find "$queue"/{maildrop,incoming,active} -type f 2>/dev/null)" ]; then return 1; fi
  if [ -s "$LAB/run/dovecot.pid" ] && pgrep -g "$(<"$LAB/run/dovecot.pid")" -x 'pop3|lmtp' >/dev/null; then return 1; fi
  [ -z "$(ftp_sessions)" ]
}

# free_ports COUNT: ports that nobody has for TCP or UDP, below those that are given to connections.
free_ports() {
  /usr/bin/python3 -c '
import random, socket, sys
ports = random.sample(range(10000, 16000), 6000)
for _ in range(int(sys.argv[1])):
    while True:
        port = ports.pop()
        with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
            try:
                stream.bind(("", port))
                datagrams.bind(("", port))
            except OSError:
                continue
        print(port)
        break' "$1"
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
  set_ftp_passwords "$@"
  [ ! -s "$LAB/run/dovecot.pid" ] || await "Dovecot to know the passwords" knows_passwords "$1" "$2"
}

knows_passwords() {
  doveadm -c "$LAB/dovecot/dovecot.conf" auth test etu1 "$1" && doveadm -c "$LAB/dovecot/dovecot.conf" auth test prof "$2"
} &>/dev/null

# --- Mailboxes ---------------------------------------------------------------------------------------------------------------------------

# reset_mailboxes [UIDVALIDITY]: the two mails of mail/ for etu1, none for prof, with the same unique ids every time.
reset_mailboxes() {
  local validity=${1:-6b03f381} maildir=$LAB/mail/etu1/Maildir number=0 mail name
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

# --- vsftpd ------------------------------------------------------------------------------------------------------------------------------

# vsftpd knows the machine's users only. So it has a mount namespace of its own, in every mode, with another /etc and /home. (A file alone
# would not do: a mount on /etc/shadow goes when somebody puts another file in its place.)
has_ftp() { unshare --mount true 2>/dev/null; }

configure_vsftpd() {
  local folder=$LAB/vsftpd address listen
  has_ftp || return 0
  mkdir -p "$folder/empty" "$folder/etc/pam.d" "$LAB/home"
  template vsftpd.pam >"$folder/etc/pam.d/vsftpd"
  echo 'passwd: files' >"$folder/etc/nsswitch.conf"
  printf '%s:x:%d:%d::%s:/bin/sh\n' root 0 0 / nobody 65534 65534 / ftp 65533 65533 / etu1 "$uid_etu1" "$uid_etu1" /home/etu1 \
    prof "$uid_prof" "$uid_prof" /home/prof >"$folder/etc/passwd"
  for address in "${addresses[@]}"; do
    listen="listen=YES\\nlisten_address=$address"
    [[ $address != *:* ]] || listen="listen=NO\\nlisten_ipv6=YES\\nlisten_address6=$address"
    template vsftpd.conf "LISTEN=$listen" "FTP_PORT=$ftp_port" "FTP_DATA_PORT=$ftp_data_port" "PASV_MIN=$pasv_min" "PASV_MAX=$pasv_max" \
      >"$folder/$(vsftpd_at "$address").conf"
  done
  # Large, and the same bytes every time.
  mkdir -p "$LAB/files"
  head -c 500000 /dev/zero | openssl enc -aes-128-ctr -K "$(printf '0%.0s' {1..32})" -iv "$(printf '0%.0s' {1..32})" >"$LAB/files/archive.bin"
}

vsftpd_at() { if [[ $1 == *:* ]]; then echo vsftpd6; else echo vsftpd4; fi; }

set_ftp_passwords() {
  local user
  mkdir -p "$LAB/vsftpd/etc"
  for user in "etu1:$1" "prof:$2"; do echo "${user%%:*}:$(openssl passwd -6 "${user#*:}"):19000:0:99999:7:::"; done >"$LAB/vsftpd/etc/shadow"
}

start_vsftpd() {
  local address name
  has_ftp || return 0
  for address in "${addresses[@]}"; do
    name=$(vsftpd_at "$address")
    start "$name" unshare --mount --propagation private sh -euc '
      mount --bind "$1/vsftpd/etc" /etc
      mount --bind "$1/home" /home
      exec /usr/sbin/vsftpd "$2"' - "$LAB" "$LAB/vsftpd/$name.conf"
    await_greeting "$name" "$ftp_port" '^220 ' "$address" || return 1
  done
}

# Sessions are not of the server's group, each leads one of its own, and they outlive it.
stop_vsftpd() {
  end_ftp_sessions
  stop vsftpd4
  stop vsftpd6
}

ftp_sessions() {
  local file
  for file in "$LAB"/run/vsftpd[46].pid; do [ ! -s "$file" ] || pgrep -P "$(<"$file")" -r D,R,S,T || true; done
}

# The server's side of every session is gone, in the middle of whatever it does.
end_ftp_sessions() {
  local session
  for session in $(ftp_sessions); do kill -KILL -- "-$session" 2>/dev/null || true; done
}

# with_vsftpd SETTING=VALUE... -- COMMAND...: the command while vsftpd runs with other settings.
with_vsftpd() {
  local status=0 conf
  for conf in "$LAB"/vsftpd/*.conf; do cp "$conf" "$conf.kept"; done
  while [ "$1" != -- ]; do
    for conf in "$LAB"/vsftpd/*.conf; do echo "$1" >>"$conf"; done
    shift
  done
  shift
  stop_vsftpd
  start_vsftpd
  "$@" || status=$?
  for conf in "$LAB"/vsftpd/*.conf; do mv "$conf.kept" "$conf"; done
  stop_vsftpd
  start_vsftpd
  return "$status"
}

# --- Files -------------------------------------------------------------------------------------------------------------------------------

# reset_files: what files/ has for etu1 and prof, and what cannot well be kept there, all of one date.
reset_files() {
  local home=$LAB/home
  has_ftp || return 0
  rm -rf "${home:?}"/*
  cp -r "$here"/files/* "$home/"
  mkdir -p "$home/etu1/upload" "$home/prof/sous dossier/vide"
  echo secret >"$home/etu1/.cachee"
  cp "$LAB/files/archive.bin" "$home/prof/"
  : >"$home/prof/vide.txt"
  # More than any socket takes before somebody reads it.
  truncate --size=100M "$home/prof/zeros.bin"
  echo 'Un été.' >"$home/prof/sous dossier/été.txt"
  chown -R "$uid_etu1:$uid_etu1" "$home/etu1"
  chown -R "$uid_prof:$uid_prof" "$home/prof"
  chmod -R u=rwX,go=rX "$home"
  find "$home" -exec touch --no-dereference --date='2024-03-05 10:20:00Z' {} +
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

# with_edited NAME CONF EDIT... -- COMMAND...: the command while the server runs with its configuration edited by sed.
with_edited() {
  local name=$1 conf=$2 status=0
  shift 2
  cp "$conf" "$conf.kept"
  while [ "$1" != -- ]; do
    sed -i -e "$1" "$conf"
    shift
  done
  shift
  stop "$name"
  "start_$name"
  "$@" || status=$?
  mv "$conf.kept" "$conf"
  stop "$name"
  "start_$name"
  return "$status"
}

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

# await_greeting NAME PORT REGEX [ADDRESS...]: until the server itself speaks, on every address of its own.
await_greeting() {
  local name=$1 port=$2 expected=$3 address
  shift 3
  [ $# -gt 0 ] || set -- "${addresses[@]}"
  for address in "$@"; do
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
