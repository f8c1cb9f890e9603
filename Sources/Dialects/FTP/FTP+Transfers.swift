package import Transcript
import Wire

/// What the scripted server says of data connections, and to what needs no script.
extension FTP {
  package var abort: Message? { Message(.client, ["ABOR"]) }

  package func arrangement(by command: Message) -> Message? {
    let code: String
    switch verb(of: command) {
    case "PORT", "EPRT", "LPRT": code = "200"
    case "PASV": code = "227"
    case "LPSV": code = "228"
    // It says that no other way will be taken, and asks for no connection (RFC 2428 §4).
    case "EPSV" where argument(of: command) == "ALL": return nil
    case "EPSV": code = "229"
    default: return nil
    }
    return usualReply(code, to: command, with: [])
  }

  /// The text of a reply that says where a connection is waited for; nil for other codes.
  static func place(_ code: String) -> Text? {
    let mode: String
    switch code {
    case "227": mode = "Passive"
    case "228": mode = "Long Passive"
    case "229": mode = "Extended Passive"
    default: return nil
    }
    return Text(pieces: [.literal(Array("Entering \(mode) Mode (".utf8)), .hole(Hole(Hole.endpointName)), .literal([UInt8(ascii: ")")])])
  }

  package func failed(_ reply: Message, _ why: TransferFailure) -> Message {
    refused(reply, code: why == .noConnection ? "425" : "426")
  }

  /// 425: "Can't open data connection" (RFC 959 §4.2.2).
  package func lacksConnection(_ reply: Message) -> Bool { reply.head.first?.recorded.starts(with: Array("425".utf8)) ?? false }

  /// What every server has to understand (RFC 959 §5.1), and what may be without effect, is taken: so a client can fetch what the transcript
  /// has though it prepares for it in its own way.
  package func notImplemented(_ command: Message) -> Message {
    let code =
      switch (verb(of: command), argument(of: command)) {
      case ("TYPE", "A"), ("TYPE", "A N"), ("TYPE", "I"), ("TYPE", "L 8"), ("MODE", "S"), ("STRU", "F"), ("NOOP", _): "200"
      case ("TYPE", _), ("MODE", _), ("STRU", _): "504"
      case ("ALLO", _): "202"
      case ("ABOR", _): "226"
      case ("QUIT", _): "221"
      default: "502"
      }
    return usualReply(code, to: command, with: [])
  }

  /// What stands behind the verb, upper case.
  private func argument(of command: Message) -> String {
    Words.upper(command.head.first?.recorded ?? []).dropFirst().joined(separator: " ")
  }
}
