# shellcheck shell=bash
# Real clients at `replique serve` in each mode, as in 5-serve.sh: well, and with the faults that data connections have.

has_ftp || return 0

# The words of ftp-passive.pcap and its like.
readonly a_short_visit=('user etu1 secret1' pwd ascii ls 'cd pub' ls binary 'get long.txt')

visit() { ftp_client "$1" "$2" "$3" "${a_short_visit[@]}"; }

# visits PROGRAM MODE PORT: all of it came.
visits() {
  visit "$@"
  cmp long.txt "$here/files/etu1/pub/long.txt"
}

check "serve for inetutils-ftp, passive" serves ftp-passive.pcap 0 -- visits inetutils-ftp -p @@
check "serve for ftplib, by hand" serves "$shipped/lab/ftp.yaml" 0 --secret etu1=secret1 -- python @@ '
ftp = ftplib.FTP(timeout=20)
ftp.connect(address, port)
ftp.login("etu1", "secret1"), ftp.pwd(), ftp.sendcmd("TYPE A"), ftp.set_pasv(False)
def whole(command):
    data = ftp.transfercmd(command)
    content = b"".join(iter(lambda: data.recv(1000), b""))
    data.close()
    ftp.voidresp()
    return content
assert whole("LIST").count(b"\r\n") == 4
ftp.cwd("pub")
assert whole("LIST").endswith(b"long.txt\r\n")
ftp.sendcmd("TYPE I")
assert len(whole("RETR long.txt")) == 1892
ftp.quit()'
check "serve for tnftp, EPSV" serves ftp-epsv.pcap 0 -- visits tnftp -p @@
check "serve for tnftp, EPRT" serves ftp-eprt.pcap 0 -- visits tnftp -A @@
check "serve for inetutils-ftp, wrong password" serves ftp-loginfail.pcap 0 -- ftp_client inetutils-ftp -p @@ 'user etu1 mauvais'
check "serve for ftplib, an upload by hand" serves "$shipped/lab/ftp-upload.yaml" 0 --secret etu1=secret1 -- python @@ '
import socket
ftp = ftplib.FTP(timeout=20)
ftp.connect(address, port)
ftp.sendcmd("USER etu1"), ftp.sendcmd("PASS secret1"), ftp.cwd("upload"), ftp.sendcmd("TYPE A")
def put(data, content):
    data.sendall(content.encode())
    data.close()
    ftp.voidresp()
def dialled(command):
    data = socket.create_connection(ftplib.parse229(ftp.sendcmd("EPSV"), ftp.sock.getpeername()), 20)
    ftp.sendcmd(command)
    return data
def whole(data):
    content = b"".join(iter(lambda: data.recv(1000), b""))
    data.close()
    ftp.voidresp()
    return content
own = socket.create_server((ftp.sock.getsockname()[0], 0), family=ftp.sock.family)
ftp.sendeprt(*own.getsockname()[:2])
ftp.sendcmd("STOR essai.txt")
put(own.accept()[0], "Première ligne\r\nDeuxième ligne\r\n")
put(dialled("APPE essai.txt"), "Troisième ligne\r\n")
ftp.rename("essai.txt", "essai.txt.2")
assert whole(dialled("RETR essai.txt.2")).count(b"\r\n") == 3
ftp.delete("essai.txt.2")
assert whole(dialled("NLST")) == b""
ftp.quit()'

# faulty FAULT STATUS REGEX: the client goes on, and says that of it; the server ends with that status.
faulty() {
  extract "$captures/ftp-passive.pcap"
  serve "$(transcripts_of ftp)" --fault "$1"
  visit inetutils-ftp -p "$port" >client 2>&1 || true
  cat client
  served "$2"
  grep -E -m 1 -- "$3" client >asked
  said "$(cat asked)"
}

check "fault data-reset@LIST, inetutils-ftp" faulty data-reset@LIST 0 'Connection reset by peer'
check "fault truncate@RETR, inetutils-ftp" faulty truncate@RETR 0 '^946 bytes received'
check "fault data-late@RETR, inetutils-ftp" faulty data-late=300ms@RETR 0 '^1892 bytes received'
# Without a connection this client does not even say LIST.
check "fault no-data, inetutils-ftp" faulty no-data 0 'Connection refused'
check "fault pasv-bad-address, inetutils-ftp" faulty pasv-bad-address 1 'address mismatch'
