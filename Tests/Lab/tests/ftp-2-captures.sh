# shellcheck shell=bash
# The captures of FTP that ship.

has_ftp || return 0

for capture in ftp-active ftp-passive ftp-eprt ftp-epsv ftp6-eprt ftp6-epsv any-sll telnet-ftp ftp-nano; do
  check "capture $capture" replays "$capture.pcap" ftp 1 etu1=secret1
done
check "capture ftp-loginfail" replays ftp-loginfail.pcap ftp 1 etu1=mauvais
check "capture full-lab, its FTP" replays full-lab.pcap ftp 2 etu1=secret1
