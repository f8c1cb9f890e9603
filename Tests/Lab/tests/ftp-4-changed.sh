# shellcheck shell=bash
# Something has changed in the files or in vsftpd, as in 4-changed.sh.

has_ftp || return 0

# ftp_extracted CAPTURE: sets `transcript`.
ftp_extracted() { extracted_from "$1" ftp; }

# replay_ftp STATUS [OPTION...]
replay_ftp() {
  local status=$1
  shift
  expect "$status" replay "$transcript" --target "$server4:$ftp_port" --secret etu1=secret1 --secret prof=secret2 "$@"
}

# line REGEX [AFTER]: the first line of the transcript that matches, behind one that matches AFTER.
line() {
  awk -v wanted="$1" -v after="${2:-^}" '
    on && $0 ~ wanted { print FILENAME ":" FNR; found = 1; exit }
    $0 ~ after { on = 1 }
    END { if (!found) { print "no " wanted " behind " after " in " FILENAME >"/dev/stderr"; exit 1 } }' "$transcript"
}

# Of the same length, so that listings are as they were.
file_content_changed() {
  ftp_extracted ftp-passive.pcap
  sed -i 's/^ligne 100$/LIGNE 100/' "$LAB/home/etu1/pub/long.txt"
  touch --date='2024-03-05 10:20:00Z' "$LAB/home/etu1/pub/long.txt"
  replay_ftp 1
  result only divergence content "$(line 'ligne 100$' 'RETR long.txt')" 'ligne 100' 'LIGNE 100'
}

binary_changed() {
  ftp_extracted ftp-active.pcap
  printf 'X' | dd of="$LAB/home/etu1/image.bin" bs=1 seek=2500 conv=notrunc status=none
  replay_ftp 1
  result only divergence content "$(line 'data: S' 'RETR image.bin')" '' X
}

# A size in the listing, and what RETR sends.
file_longer() {
  ftp_extracted ftp-passive.pcap
  echo 'ligne 201' >>"$LAB/home/etu1/pub/long.txt"
  touch --date='2024-03-05 10:20:00Z' "$LAB/home/etu1/pub/long.txt"
  replay_ftp 1
  result has divergence entry-size "$(line ' long.txt')" 1892 1902
  result has divergence content "$(line 'ligne 200$' 'RETR long.txt')" '' 'ligne 201'
}

file_gone_from_listing() {
  ftp_extracted ftp-passive.pcap
  rm "$LAB/home/etu1/lisezmoi.txt"
  replay_ftp 1
  result only divergence missing-entry "$(line ' lisezmoi.txt')" lisezmoi.txt
}

file_new_in_listing() {
  ftp_extracted ftp-passive.pcap
  echo >"$LAB/home/etu1/nouveau.txt"
  replay_ftp 1
  result only divergence new-entry "$(line ' upload')" '' nouveau.txt
}

file_touched() {
  ftp_extracted ftp-passive.pcap
  touch "$LAB/home/etu1/lisezmoi.txt"
  replay_ftp 0
  result clean
}

permission_gone() {
  ftp_extracted ftp-active.pcap
  chmod 0 "$LAB/home/etu1/image.bin"
  replay_ftp 1
  result only divergence reply-code "$(reply_line "$transcript" 'RETR image.bin')" 150 550
}

folder_not_writable() {
  ftp_extracted ftp-active.pcap
  chown root "$LAB/home/etu1/upload"
  replay_ftp 1
  result only divergence reply-code "$(reply_line "$transcript" 'STOR')" 150 553
}

no_folder() {
  ftp_extracted ftp-passive.pcap
  mv "$LAB/home/etu1/pub" "$LAB/home/etu1/elsewhere"
  replay_ftp 1
  result has divergence reply-code "$(reply_line "$transcript" 'CWD')" 250 550
}

no_passive_mode() {
  ftp_extracted ftp-passive.pcap
  with_vsftpd pasv_enable=NO -- replay_ftp 1
  result has divergence reply-code "$(reply_line "$transcript" 'PASV')" 227 550
}

no_active_mode() {
  ftp_extracted ftp-active.pcap
  with_vsftpd port_enable=NO -- replay_ftp 1
  result has divergence reply-code "$(reply_line "$transcript" 'PORT')" 200 550
}

# The server names an address that nobody could reach; it is its own that is dialled.
other_address() {
  ftp_extracted ftp-passive.pcap
  with_vsftpd pasv_address=203.0.113.80 -- replay_ftp 0
  result has drift pasv-address "$(line '227')" "$server4" 203.0.113.80
}

password_changed_for_files() {
  ftp_extracted ftp-active.pcap
  set_passwords another-secret secret2
  replay_ftp 1
  result only divergence reply-code "$(reply_line "$transcript" 'PASS')" 230 530
}

ftp_server_down() {
  ftp_extracted ftp-active.pcap
  stop_vsftpd
  replay_ftp 3
  result reason unreachable
  start_vsftpd
}

check "changed: a line of a file" file_content_changed
check "changed: a byte of a file" binary_changed
check "changed: a file that is longer" file_longer
check "changed: a file gone from a listing" file_gone_from_listing
check "changed: a file new in a listing" file_new_in_listing
check "changed: the date of a file" file_touched
check "changed: a file that may not be read" permission_gone
check "changed: a folder that may not be written" folder_not_writable
check "changed: a folder that is no more" no_folder
check "changed: no passive mode" no_passive_mode
check "changed: no active mode" no_active_mode
check "changed: another address in 227" other_address
check "changed: another password for files" password_changed_for_files
check "changed: the server of files is down" ftp_server_down
