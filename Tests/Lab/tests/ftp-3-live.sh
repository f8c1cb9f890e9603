# shellcheck shell=bash
# Real clients at vsftpd, in all four modes and both families, as in 3-live.sh: captured, extracted, compared with tshark, replayed.

has_ftp || return 0

# What inetutils-ftp and tnftp are told: everything that a person does in a folder of files.
readonly a_visit=(
  'user etu1 secret1' pwd ascii dir 'cd pub' dir nlist 'get long.txt' 'cd ..' binary 'get image.bin' 'put image.bin upload/image.bin'
  'append mail upload/image.bin' 'ascii' 'put mail upload/mail' 'mkdir upload/neuf' 'dir upload' 'rename upload/mail upload/neuf/courrier'
  'modtime lisezmoi.txt' 'binary' 'size lisezmoi.txt' 'delete upload/neuf/courrier' 'rmdir upload/neuf' 'delete upload/image.bin' 'get absent.txt'
)

# classic PROGRAM MODE [COMMAND...]: with those above or another.
classic() {
  local program=$1 mode=$2
  shift 2
  [ $# -gt 0 ] || set -- "${a_visit[@]}"
  ftp_client "$program" "$mode" "$ftp_port" "$@"
}

# live_ftp NAME ADDRESS COMMAND...
live_ftp() {
  local name=$1 server=$2
  shift 2
  check "live $name" live_at "$server" ftp "$ftp_port" etu1=secret1,prof=secret2 "$@"
}

# The local file cannot be made, so that inetutils-ftp stops the transfer: IP and DM of telnet, then ABOR, which vsftpd reads behind it.
aborted() { classic inetutils-ftp "$1" 'user prof secret2' binary 'get archive.bin no/such/folder/archive.bin' pwd; }

# From the middle of a file on, as a client does that has the first part already.
resumed() {
  head -c 2000 "$LAB/home/etu1/image.bin" >image.bin
  curl_ftp "$ftp_port" etu1:secret1 image.bin --continue-at - --output image.bin "$@"
  cmp image.bin "$LAB/home/etu1/image.bin"
}

# A client that goes away in the middle of a large file.
left() {
  python "$ftp_port" '
ftp = ftplib.FTP(timeout=20)
ftp.connect(address, port)
ftp.login("prof", "secret2")
ftp.set_pasv(sys.argv[3] == "passive")
transfer = ftp.transfercmd("RETR zeros.bin")
transfer.recv(1000)
transfer.close()
ftp.getmultiline()
ftp.quit()' "$1"
}

# ftplib sends what it is told, and STOU; vsftpd has no MLSD.
written_by_hand() {
  python "$ftp_port" '
ftp = ftplib.FTP(timeout=20)
ftp.connect(address, port)
ftp.set_pasv(sys.argv[3] == "passive")
ftp.login("etu1", "secret1")
try:
    list(ftp.mlsd())
except ftplib.error_perm:
    pass
ftp.cwd("upload")
ftp.storbinary("STOU modele", io.BytesIO(bytes(range(256)) * 4))
ftp.storlines("STOR texte.txt", io.BytesIO("Un été\ndeux étés\n".encode()))
ftp.storbinary("STOR texte.txt", io.BytesIO(b"de la suite"), rest=9)
ftp.retrlines("RETR texte.txt", print)
ftp.retrlines("LIST -a", print)
ftp.sendcmd("ALLO 1000"), ftp.sendcmd("NOOP"), ftp.sendcmd("STAT"), ftp.sendcmd("HELP"), ftp.sendcmd("SITE CHMOD 600 texte.txt")
ftp.delete("texte.txt")
ftp.quit()' "$1"
}

for server in "${addresses[@]}"; do
  family=IPv4
  [[ $server != *:* ]] || family=IPv6
  for mode in -A -p; do
    live_ftp "inetutils-ftp $mode, $family" "$server" classic inetutils-ftp $mode
    live_ftp "inetutils-ftp $mode, ABOR, $family" "$server" aborted $mode
    live_ftp "tnftp $mode, $family" "$server" classic tnftp $mode
  done
  for mode in yes no; do
    live_ftp "lftp, passive $mode, $family" "$server" lftp_client "$ftp_port" "set ftp:passive-mode $mode" \
      'ls; cd "sous dossier"; ls; get été.txt; cd ..; get "notes de cours.txt" -o notes; put notes -o "copie de notes"; get archive.bin; nlist; rm "copie de notes"'
    live_ftp "lftp, a mirror, passive $mode, $family" "$server" lftp_client "$ftp_port" "set ftp:passive-mode $mode" 'mirror --exclude zeros.bin . mirrored'
  done
  live_ftp "curl, EPSV, $family" "$server" curl_ftp "$ftp_port" prof:secret2 'sous%20dossier/' --output listing
  live_ftp "curl, EPRT, $family" "$server" curl_ftp "$ftp_port" prof:secret2 archive.bin --ftp-port - --output archive.bin
  live_ftp "curl, an upload, $family" "$server" curl_ftp "$ftp_port" etu1:secret1 upload/ --upload-file mail
  live_ftp "curl, an upload, EPRT, ASCII, $family" "$server" curl_ftp "$ftp_port" etu1:secret1 upload/ --upload-file mail --ftp-port - --use-ascii
  live_ftp "curl, the rest of a file, $family" "$server" resumed
  live_ftp "curl, no such folder, $family" "$server" expect 9 curl_ftp "$ftp_port" etu1:secret1 absent/
  live_ftp "wget, $family" "$server" wget_ftp "$ftp_port" pub/long.txt
  live_ftp "wget, active, $family" "$server" wget_ftp "$ftp_port" '*' --no-passive-ftp --recursive --no-host-directories
  for mode in passive active; do
    live_ftp "ftplib, $mode, $family" "$server" written_by_hand $mode
    live_ftp "ftplib, $mode, gone in the middle, $family" "$server" left $mode
  done
done
live_ftp "curl, PASV" "$server4" curl_ftp "$ftp_port" prof:secret2 '' --disable-epsv --output listing
live_ftp "curl, PORT" "$server4" curl_ftp "$ftp_port" prof:secret2 vide.txt --ftp-port - --disable-eprt --output vide.txt
live_ftp "telnet and nc" "$server4" retype "$ftp_port" 'USER etu1' 'PASS secret1' PWD PASV LIST 'CWD pub' PASV LIST 'TYPE I' PASV \
  'RETR long.txt' QUIT
live_ftp "telnet, PORT without anybody there" "$server4" retype "$ftp_port" 'USER etu1' 'PASS secret1' 'PORT 192,168,1,10,195,80' LIST QUIT
check "live tnftp, wrong password" live ftp "$ftp_port" etu1=mauvais classic tnftp -p 'user etu1 mauvais'
check "live wget, anonymous" live ftp "$ftp_port" anonymous=-wget@ "${client[@]}" wget --no-verbose --tries=1 --timeout=20 "ftp://$server4:$ftp_port/long.txt"
