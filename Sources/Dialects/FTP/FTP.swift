package import Transcript
package import Wire

/// The File Transfer Protocol (RFC 959, RFC 1123 §4.1): its control connection, and what goes over its data connections.
package struct FTP: Dialect {
  package init() {}

  package var name: String { "ftp" }
  package var transports: [Transport] { [.stream] }
  package var ports: [UInt16] { [21] }
  package var parts: [PartShape] { [] }
  package var subjects: [String] { ["user"] }
  package var farewell: Message? { Message(.client, ["QUIT"]) }
  package var capabilities: Message? { Message(.client, ["FEAT"]) }

  package var hasTransfers: Bool { true }

  package func begin(_ transport: Transport) -> any Session { FTPSession() }

  /// `220` greets in SMTP, too: the greeting must speak of files, the client must say what only FTP's say, or the port must be FTP's and
  /// nothing speak against it.
  package func likeness(_ glimpse: Glimpse) -> Int {
    guard glimpse.transport == .stream else { return 0 }
    let isKnownPort = ports.contains(glimpse.port)
    let greeting = glimpse.greeting.map { Words.upper(Array($0.dropFirst(Telnet.commands($0)))) }
    let command = glimpse.command.map { Words.upper(Array($0.dropFirst(Telnet.commands($0)))) } ?? []
    if let greeting {
      guard let first = greeting.first, greets(first, atKnownPort: isKnownPort) else { return 0 }
      if greeting.contains(where: { $0.contains("SMTP") || $0.contains("LMTP") }) { return 0 }
    }
    let verb = command.first ?? ""
    var likeness = 0
    if greeting?.contains(where: { $0.contains("FTP") }) ?? false { likeness += 60 }
    // Mail and news know AUTH, USER and PASS as well, but nobody who is greeted with 220 does.
    if Self.unmistakable.contains(verb) || verb == "AUTH" && command.count > 1 && Self.mechanismsOfTLS.contains(command[1])
      || greeting != nil && ["USER", "PASS", "ACCT"].contains(verb)
    {
      likeness += 60
    }
    if likeness > 0 { return likeness + (isKnownPort ? 20 : 0) }
    return isKnownPort && (verb.isEmpty || Self.commands.contains(verb)) ? 30 : 0
  }

  private func greets(_ word: String, atKnownPort isKnownPort: Bool) -> Bool {
    // `220-first` begins a greeting of several lines. What was not seen from its beginning may begin with any reply.
    let code = word.prefix { $0 != "-" }
    return ["120", "220", "421"].contains(code) || isKnownPort && code.utf8.count == 3 && code.utf8.allSatisfy(\.isDigit)
  }

  package func verb(of command: Message) -> String {
    guard let first = command.head.first else { return "" }
    let line = first.recorded
    return Words.upper(Array(line.dropFirst(Telnet.commands(line)))).first ?? ""
  }

  /// Preliminary replies say so for the time being.
  package func succeeded(_ reply: Message) -> Bool {
    guard let first = FTPReply(reply).code.first else { return false }
    return (UInt8(ascii: "1")...UInt8(ascii: "3")).contains(first)
  }

  package func argument(_ endpoint: Endpoint, for message: Message) -> [UInt8]? {
    let label = message.side == .client ? verb(of: message) : String(decoding: FTPReply(message).code, as: UTF8.self)
    return DataEndpoint.Notation(label).flatMap { DataEndpoint.written(endpoint, $0) }
  }

  // MARK: Commands

  /// Who sends the data of a transfer; nil for other commands.
  static func sender(of verb: String) -> Side? {
    switch verb {
    case "RETR", "LIST", "NLST", "MLSD": .server
    case "STOR", "STOU", "APPE": .client
    default: nil
    }
  }

  static let listings: Set<String> = ["LIST", "NLST", "MLSD"]
  /// What AUTH calls TLS (RFC 4217), and what drafts before it did.
  static let mechanismsOfTLS: Set<String> = ["TLS", "SSL", "TLS-C", "TLS-P"]
  /// No other protocol that greets, or whose client speaks first, begins with these.
  private static let unmistakable: Set<String> = [
    "FEAT", "OPTS", "SYST", "PASV", "EPSV", "PORT", "EPRT", "CWD", "PWD", "XPWD", "TYPE", "HOST", "CLNT", "PBSZ", "PROT",
  ]
  static let commands: Set<String> = [
    "ABOR", "ACCT", "ADAT", "ALLO", "APPE", "AUTH", "CCC", "CDUP", "CLNT", "CONF", "CWD", "DELE", "ENC", "EPRT", "EPSV", "FEAT", "HELP",
    "HOST", "LANG", "LIST", "LPRT", "LPSV", "MDTM", "MFCT", "MFF", "MFMT", "MIC", "MKD", "MLSD", "MLST", "MODE", "NLST", "NOOP", "OPTS",
    "PASS", "PASV", "PBSZ", "PORT", "PROT", "PWD", "QUIT", "REIN", "REST", "RETR", "RMD", "RNFR", "RNTO", "SITE", "SIZE", "SMNT", "STAT",
    "STOR", "STOU", "STRU", "SYST", "TYPE", "USER", "XCRC", "XCUP", "XCWD", "XMKD", "XPWD", "XRMD",
  ]
}
