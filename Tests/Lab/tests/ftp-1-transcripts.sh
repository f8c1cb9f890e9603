# shellcheck shell=bash
# The transcripts of FTP that ship, against vsftpd over both families and against their own server.

if ! has_ftp; then
  echo "skipped FTP: vsftpd needs a mount namespace for its users, and none can be made here"
  return
fi

readonly ftp_transcripts=(lab/ftp.yaml lab/ftp-passive.yaml lab/ftp-upload.yaml lab/ftp-err.yaml)
readonly ftp_secrets=(--secret etu1=secret1 --secret wrong=mauvais)

# plays_at ADDRESS TRANSCRIPT PORT OPTION...
plays_at() {
  address=$1
  expect 0 replay "$shipped/$2" --target "$(bracketed):$3" "${@:4}"
  result clean
}

# The client of a transcript and its server play with each other.
plays_itself() {
  serve "$shipped/$1" "${ftp_secrets[@]}"
  expect 0 replay "$shipped/$1" --target "$server4:$port" "${ftp_secrets[@]}"
  result clean
  served 0
}

for transcript in "${ftp_transcripts[@]}"; do
  check "transcript $transcript" plays_at "$server4" "$transcript" "$ftp_port" "${ftp_secrets[@]}"
  # PORT and PASV know IPv4 only.
  if has_ipv6 && ! grep -qE 'C: (PORT|PASV)' "$shipped/$transcript"; then
    check "transcript $transcript over IPv6" plays_at "$server6" "$transcript" "$ftp_port" "${ftp_secrets[@]}"
  fi
  check "transcript $transcript, both sides" plays_itself "$transcript"
done
