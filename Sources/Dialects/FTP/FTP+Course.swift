package import Transcript
import Wire

/// What a command needs of those before it.
extension FTP {
  package func isHindered(_ command: Message, by history: [Turn]) -> Bool {
    let verb = verb(of: command)
    if Self.alwaysPossible.contains(verb) { return false }
    let isTransfer = Self.sender(of: verb) != nil
    // What is still looked for, on the way back.
    var seeksLogin = true
    var seeksDirectory = Self.commandsWithPath.contains(verb) && !isAbsolute(command)
    var seeksConnection = isTransfer
    var seeksProtection = isTransfer
    var seeksRestart = ["RETR", "STOR", "APPE"].contains(verb)
    for turn in history.reversed() {
      let isLost = turn.wasToSucceed && !turn.didSucceed
      let earlier = self.verb(of: turn.command)
      switch earlier {
      case "AUTH": if isLost { return true }
      case "REIN": if turn.didSucceed { return false }
      case "USER", "PASS", "ACCT":
        if seeksLogin, isLost { return true }
        if turn.didSucceed { seeksLogin = false }
      case "CWD", "XCWD", "CDUP", "XCUP":
        if seeksDirectory, isLost { return true }
        if turn.didSucceed, isAbsolute(turn.command) { seeksDirectory = false }
      case "RNFR" where verb == "RNTO": if isLost { return true }
      case "PORT", "PASV", "EPRT", "EPSV", "LPRT", "LPSV":
        if seeksConnection, isLost { return true }
        seeksConnection = false
      case "PROT":
        if seeksProtection, isLost { return true }
        seeksProtection = false
      // What it was to leave out would be sent, or what it was to keep written over.
      case "REST": if seeksRestart, isLost { return true }
      case _ where Self.sender(of: earlier) != nil:
        seeksConnection = false
        seeksRestart = false
      default: break
      }
    }
    return false
  }

  /// Whether the file that a command names is the same in every directory. Servers hand options to `ls`: `LIST -la /pub`.
  private func isAbsolute(_ command: Message) -> Bool {
    let arguments = command.head.first?.words().dropFirst() ?? []
    guard let path = arguments.first(where: { !$0.pieces.isEmpty && !$0.hasPrefix("-") }) else { return false }
    return path.hasPrefix("/") || path.hasPrefix("~")
  }

  /// Which mean another file, or directory, where they are said in another one.
  private static let commandsWithPath: Set<String> = [
    "CWD", "XCWD", "CDUP", "XCUP", "LIST", "NLST", "MLSD", "MLST", "RETR", "STOR", "STOU", "APPE", "SIZE", "MDTM", "RNFR", "RNTO", "DELE",
    "RMD", "XRMD", "MKD", "XMKD",
  ]
  private static let alwaysPossible: Set<String> = ["QUIT", "USER", "AUTH", "HOST", "REIN", "HELP", "NOOP", "FEAT", "SYST"]

  package func uses(_ keyword: String, in command: Message) -> Bool {
    let verb = verb(of: command)
    let words = command.head.first.map { Words.upper($0.recorded) } ?? []
    let keywords = keyword.split(separator: " ").map(String.init)
    switch keywords.first {
    case "MLST"?, "MLSD"?: return verb == "MLST" || verb == "MLSD"
    case "UTF8"?: return verb == "OPTS" && words.dropFirst().first == "UTF8"
    case "AUTH"?: return verb == "AUTH" && (keywords.count < 2 || words.dropFirst().first.map { keywords[1].contains($0) } ?? false)
    case let name?: return verb == name
    case nil: return false
    }
  }
}
