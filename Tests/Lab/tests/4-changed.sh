# shellcheck shell=bash
# Something has changed in the server: the difference is found, of the right kind and grade, at the right line, and the exit status says so.

# extracted_from CAPTURE PROTOCOL: sets `transcript` to what the capture became.
extracted_from() {
  extract "$captures/$1"
  transcript=$(transcripts_of "$2" | tail -n 1)
}

password_changed() {
  extracted_from pop3-ok.pcap pop3
  set_passwords another-secret secret2
  expect 1 replay "$transcript" --target "$server4:$pop3_port" --secret etu1=secret1
  result only divergence reply-code "$(reply_line "$transcript" 'PASS')" '+OK' '-ERR'
}

recipient_gone() {
  extracted_from smtp.pcap smtp
  set_recipients prof
  with_postfix -- expect 1 replay "$transcript" --target "$server4:$smtp_port"
  set_recipients etu1 prof
  result only divergence reply-code "$(reply_line "$transcript" 'RCPT')" 250 550
}

# The others still get their mail, so that the conversation goes on.
one_recipient_gone() {
  set_recipients etu1
  with_postfix -- expect 1 replay "$shipped/lab/smtp-rejected.yaml" --target "$server4:$smtp_port"
  set_recipients etu1 prof
  result only divergence reply-code "$(reply_line "$shipped/lab/smtp-rejected.yaml" 'RCPT TO:<..from')" 250 550
}

limit_smaller() {
  extracted_from smtp.pcap smtp
  with_postfix message_size_limit=10000 -- expect 0 replay "$transcript" --target "$server4:$smtp_port"
  result has drift keyword "$transcript:$(grep -n '250-SIZE' "$transcript" | cut -d: -f1)" 'SIZE 10240000' 'SIZE 10000'
}

# … which fails only at a stricter gate.
limit_smaller_at_the_gate() {
  extracted_from smtp.pcap smtp
  with_postfix message_size_limit=10000 -- expect 1 replay "$transcript" --target "$server4:$smtp_port" --gate drift
  result only drift keyword "$transcript:$(grep -n '250-SIZE' "$transcript" | cut -d: -f1)" 'SIZE 10240000' 'SIZE 10000'
}

# The mail says no size, so that the server sees only at its end that it is too large.
mail_too_large() {
  awkward_mail >mail
  { cat mail; printf 'a line of this mail\n%.0s' {1..200}; } >large
  record live.pcap "$smtp_port" swaks_file "$smtp_port" large
  extract live.pcap
  transcript=$(transcripts_of smtp)
  reset_state
  with_postfix message_size_limit=2000 -- expect 1 replay "$transcript" --target "$server4:$smtp_port"
  result only divergence reply-code "$transcript:$(grep -n 'queued as' "$transcript" | cut -d: -f1)" 250 552
}

# Nothing of the mail may be sent as commands then.
data_refused() {
  extracted_from smtp.pcap smtp
  : >"$LAB/postfix/log"
  with_postfix smtpd_data_restrictions=reject -- expect 1 replay "$transcript" --target "$server4:$smtp_port"
  result only divergence reply-code "$(reply_line "$transcript" 'DATA')" 354 554
  grep -E 'disconnect from .* ehlo=1 mail=1 rcpt=1 data=0/1 quit=1 commands=' "$LAB/postfix/log"
}

keyword_gone() {
  extracted_from smtp.pcap smtp
  with_postfix smtpd_discard_ehlo_keywords=dsn -- expect 0 replay "$transcript" --target "$server4:$smtp_port"
  result only drift missing-keyword "$transcript:$(grep -n '250-DSN' "$transcript" | cut -d: -f1)" DSN
}

# A later command has a parameter that only this keyword allows.
used_keyword_gone() {
  awkward_mail >mail
  record live.pcap "$smtp_port" python "$smtp_port" '
smtp = smtplib.SMTP(address, port, local_hostname="client.local.demo")
smtp.sendmail("prof@local.demo", "etu1@local.demo", open("mail", "rb").read(), ["BODY=8BITMIME"])
smtp.quit()'
  extract live.pcap
  transcript=$(transcripts_of smtp)
  reset_state
  with_postfix smtpd_discard_ehlo_keywords=8bitmime -- expect 1 replay "$transcript" --target "$server4:$smtp_port"
  result has divergence missing-keyword "$transcript:$(grep -n '250-8BITMIME' "$transcript" | cut -d: -f1)" 8BITMIME
}

# Where a transcript says what it needs, it is skipped instead.
needed_keyword_gone() {
  with_postfix smtpd_discard_ehlo_keywords=chunking -- expect 0 replay "$shipped/examples/smtp-chunking.yaml" --target "$server4:$smtp_port"
  result reason needs
}

banner_changed() {
  extracted_from smtp.pcap smtp
  with_postfix 'smtpd_banner=$myhostname ESMTP another' -- expect 0 replay "$transcript" --target "$server4:$smtp_port"
  result only note wording "$transcript:$(grep -n 'S: 220' "$transcript" | cut -d: -f1)"
}

mail_changed() {
  extracted_from pop3-ok.pcap pop3
  sed -i 's/premier/dernier/' "$LAB"/mail/etu1/Maildir/new/*M0*
  expect 1 replay "$transcript" --target "$server4:$pop3_port" --secret etu1=secret1
  result only divergence content "$transcript:$(grep -n 'premier message' "$transcript" | cut -d: -f1)" premier dernier
}

mail_gone() {
  extracted_from pop3-ok.pcap pop3
  rm "$LAB"/mail/etu1/Maildir/new/*M1*
  expect 1 replay "$transcript" --target "$server4:$pop3_port" --secret etu1=secret1
  result has divergence value "$(reply_line "$transcript" 'STAT')" 2 1
  result has divergence reply-code "$(reply_line "$transcript" 'RETR 2')" '+OK' '-ERR'
}

unique_ids_changed() {
  reset_state 6b03f3ff
  expect 0 replay "$shipped/lab/pop3-retr.yaml" --target "$server4:$pop3_port" --secret etu1=secret1
  result clean
}

server_down() {
  extracted_from smtp.pcap smtp
  stop postfix
  expect 3 replay "$transcript" --target "$server4:$smtp_port"
  result reason unreachable
  start_postfix
}

# The kernel takes the connection, and nobody ever speaks.
server_silent() {
  extracted_from smtp.pcap smtp
  /usr/bin/python3 -u -c '
import signal, socket, sys
server = socket.create_server((sys.argv[1], 0))
print(server.getsockname()[1])
signal.pause()' "$server4" >silent &
  await "a port" test -s silent
  expect 1 replay "$transcript" --target "$server4:$(cat silent)" --timeout 1s
  result only divergence late "$transcript:$(grep -n 'S: 220' "$transcript" | cut -d: -f1)"
}

password_not_given() {
  extracted_from pop3-ok.pcap pop3
  expect 2 replay "$transcript" --target "$server4:$pop3_port"
  result reason unbound
}

check "changed: another password" password_changed
check "changed: a recipient that is no more" recipient_gone
check "changed: one recipient of several that is no more" one_recipient_gone
check "changed: a smaller SIZE" limit_smaller
check "changed: a smaller SIZE, --gate drift" limit_smaller_at_the_gate
check "changed: a mail that is too large now" mail_too_large
check "changed: DATA is refused" data_refused
check "changed: a keyword gone" keyword_gone
check "changed: a keyword gone that is used" used_keyword_gone
check "changed: a keyword gone that is needed" needed_keyword_gone
check "changed: the banner" banner_changed
check "changed: the content of a mail" mail_changed
check "changed: a mail gone" mail_gone
check "changed: unique ids, which are a pattern" unique_ids_changed
check "changed: the server is down" server_down
check "changed: a server that says nothing" server_silent
check "changed: a password that was not given" password_not_given
