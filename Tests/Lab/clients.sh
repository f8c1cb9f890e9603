# shellcheck shell=bash
# Real clients, each for one conversation with $address. Sourced; a test names one of these with its arguments.

# The server as a client names it; tests set it to another address or a name.
address=$server4

# A mail with what is awkward in one: dots, long folded headers, blanks at a line's end, UTF-8, an empty last line.
awkward_mail() {
  printf '%s\n' \
    'From: "Professeur, P." <prof@local.demo>' 'To: etu1@local.demo' 'Subject: =?UTF-8?Q?caf=C3=A9?= and' '  a folded line' \
    'Date: Tue, 05 Mar 2024 10:15:00 +0100' 'Message-ID: <awkward@local.demo>' 'MIME-Version: 1.0' \
    'Content-Type: text/plain; charset=UTF-8' 'Content-Transfer-Encoding: 8bit' '' \
    'Un café, s’il vous plaît 🙂' '.a dot' '..two dots' '.' 'blanks behind  ' $'\ta tab' '#not a comment: really' \
    '${not} a {hole}, $${neither}' "  'quotes' and \"quotes\"" '-- ' 'etu1' ''
}

# The same in Latin-1, which is not UTF-8.
latin_mail() { awkward_mail | sed -e 's/[’🙂]//g' -e 's/UTF-8/ISO-8859-1/' | iconv -f UTF-8 -t ISO-8859-1; }

# swaks PORT OPTION...
swaks_mail() {
  local port=$1
  shift
  "${client[@]}" swaks --server "$address" --port "$port" --helo client.local.demo --from prof@local.demo --hide-all "$@"
}

# swaks_file PORT FILE OPTION...: a mail of ours instead of swaks's own.
swaks_file() {
  local port=$1 file=$2
  shift 2
  swaks_mail "$port" --to etu1@local.demo --data "@$file" "$@"
}

# msmtp PORT RECIPIENT...: it pipelines.
msmtp_mail() {
  local port=$1
  shift
  "${client[@]}" msmtp --file=/dev/null --host="$address" --port="$port" --tls=off --auth=off --domain=client.local.demo \
    --from=prof@local.demo -- "$@" <mail
}

# curl_mail PORT OPTION...: curl sends a file as it is, so its line ends have to be SMTP's.
curl_mail() {
  local port=$1
  shift
  "${client[@]}" curl --silent --show-error --max-time 20 "smtp://$(bracketed):$port/client.local.demo" --mail-from prof@local.demo \
    --mail-rcpt etu1@local.demo --crlf --upload-file mail "$@"
}

# curl_pop3 PORT PATH OPTION...
curl_pop3() {
  local port=$1 path=$2
  shift 2
  "${client[@]}" curl --silent --show-error --max-time 20 --user etu1:secret1 "pop3://$(bracketed):$port/$path" "$@"
}

bracketed() { if [[ $address == *:* ]]; then echo "[$address]"; else echo "$address"; fi; }

# fetch PORT PASSWORD SERVER_OPTIONS USER_OPTIONS: fetchmail, with its options as they stand in its file.
fetch() {
  mkdir -p fetchmail
  cat >fetchmail/rc <<EOT
set no bouncemail
poll $address protocol POP3 port $1 timeout 20 $3
  user etu1 password $2 sslproto '' mda "cat >>fetched" $4
EOT
  chmod 600 fetchmail/rc
  "${client[@]}" env FETCHMAILHOME="$PWD/fetchmail" fetchmail --verbose --fetchmailrc fetchmail/rc --idfile fetchmail/ids \
    --pidfile fetchmail/pid
}

# ftp_client PROGRAM MODE PORT COMMAND...: inetutils-ftp writes PORT and PASV over IPv4, tnftp EPRT and EPSV; MODE is -A or -p.
ftp_client() {
  local program=$1 mode=$2 port=$3
  shift 3
  printf '%s\n' "$@" bye | "${client[@]}" "$program" -n -v "$mode" "$address" "$port"
}

# lftp_client PORT SETTINGS COMMANDS: settings and commands as lftp takes them, separated by `;`.
lftp_client() {
  "${client[@]}" lftp --norc -e "set net:timeout 20; set net:max-retries 1; set ftp:ssl-allow no; $2; open -u prof,secret2 -p $1 $address; $3; bye"
}

# curl_ftp PORT USER:PASSWORD PATH OPTION...
curl_ftp() {
  local port=$1 user=$2 path=$3
  shift 3
  "${client[@]}" curl --silent --show-error --max-time 20 --user "$user" "ftp://$(bracketed):$port/$path" "$@"
}

# wget_ftp PORT PATH OPTION...
wget_ftp() {
  local port=$1 path=$2
  shift 2
  "${client[@]}" wget --no-verbose --tries=1 --timeout=20 --user=etu1 --password=secret1 "ftp://$(bracketed):$port/$path" "$@"
}

# retype PORT LINE...: somebody at telnet, who types each line once the reply to the last one is there, and connects nc to where 227 says.
retype() {
  local port=$1 line reply count=0
  shift
  coproc "${client[@]}" telnet "$address" "$port"
  local -a telnet=("${COPROC[@]}")
  for line in '' "$@"; do
    [ -z "$line" ] || echo "$line" >&"${telnet[1]}"
    while IFS= read -r reply <&"${telnet[0]}"; do
      echo "$reply"
      if [[ $reply =~ \(([0-9,]+),([0-9]+),([0-9]+)\) ]]; then
        count=$((count + 1))
        "${client[@]}" nc -d "${BASH_REMATCH[1]//,/.}" $((BASH_REMATCH[2] * 256 + BASH_REMATCH[3])) >"data$count" &
      fi
      [[ ! $reply =~ ^[2-5][0-9][0-9]\  ]] || break
    done
  done
}

# python PORT CODE [ARGUMENT...]: a client that the standard library makes of a few lines; `address` and `port` are known to it.
python() {
  local port=$1 code=$2
  shift 2
  "${client[@]}" /usr/bin/python3 -c "
import ftplib, io, poplib, smtplib, sys
address, port = sys.argv[1], int(sys.argv[2])
$code" "$address" "$port" "$@"
}

# dig QUESTION...: with dig's options, in the order in which dig takes them.
dig_name() { "${client[@]}" dig +tries=1 +time=20 -p "$dns_port" "@$address" "$@"; }

# host NAME [OPTION...]
host_name() {
  local name=$1
  shift
  "${client[@]}" host -p "$dns_port" -W 20 "$@" "$name" "$address"
}

# nslookup NAME [OPTION...]
nslookup_name() {
  local name=$1
  shift
  "${client[@]}" nslookup -port="$dns_port" "$@" "$name" "$address"
}

# curl_http PORT PATH OPTION...
curl_http() {
  local port=$1 path=$2
  shift 2
  "${client[@]}" curl --silent --show-error --max-time 20 --noproxy '*' --resolve "www.local.demo:$port:$address" --output page "$@" \
    "http://www.local.demo:$port$path"
}

# wget_http PORT PATH OPTION...
wget_http() {
  local port=$1 path=$2
  shift 2
  "${client[@]}" wget --no-verbose --no-proxy --tries=1 --timeout=20 --output-document=page "$@" "http://$(bracketed):$port$path"
}

# proxied COMMAND...: as clients are told of a proxy, by the environment.
proxied() { "${client[@]}" env http_proxy="http://$(bracketed):$proxy_port" no_proxy= "$@"; }
