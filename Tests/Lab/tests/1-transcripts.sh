# shellcheck shell=bash
# The transcripts that ship: clean to read, and true of real servers.

readonly shipped=$root/Transcripts

reads_clean() {
  "$replique" check --strict "$shipped" | tee checked
  said "$(tail -n 1 checked)"
}

# plays TRANSCRIPT PORT [OPTION...]
plays() {
  local transcript=$1 port=$2
  shift 2
  expect 0 replay "$shipped/$transcript" --target "$server4:$port" "$@"
  result clean
}

arrives() {
  expect 0 replay "$shipped/lab/mail-arrives.yaml" --target "smtp=$server4:$smtp_port" --target "pop3=$server4:$pop3_port" \
    --secret prof=secret2
  result clean
}

check "transcripts are read without a warning" reads_clean
check "transcript lab/smtp.yaml" plays lab/smtp.yaml "$smtp_port"
check "transcript lab/smtp-rejected.yaml" plays lab/smtp-rejected.yaml "$smtp_port"
check "transcript lab/lmtp.yaml" plays lab/lmtp.yaml "$lmtp_port"
check "transcript lab/pop3-err.yaml" plays lab/pop3-err.yaml "$pop3_port" --secret wrong=mauvais
check "transcript lab/pop3-retr.yaml" plays lab/pop3-retr.yaml "$pop3_port" --secret etu1=secret1
check "transcript lab/mail-arrives.yaml" arrives
check "transcript examples/smtp-pipelining.yaml" plays examples/smtp-pipelining.yaml "$smtp_port"
check "transcript examples/smtp-chunking.yaml" plays examples/smtp-chunking.yaml "$smtp_port"
check "transcript examples/smtp-negative.yaml" plays examples/smtp-negative.yaml "$smtp_port"
check "transcript examples/smtp-auth-plain.yaml" plays examples/smtp-auth-plain.yaml "$submission_port" --secret etu1=secret1
check "transcript examples/pop3-apop.yaml" plays examples/pop3-apop.yaml "$pop3_port" --secret etu1=secret1
