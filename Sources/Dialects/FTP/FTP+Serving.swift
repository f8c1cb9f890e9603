package import Transcript
import Wire

/// What the scripted server says.
extension FTP {
  package func usualReply(_ code: String, to command: Message?, with keywords: [Text]) -> Message {
    if command.map(verb(of:)) == "FEAT", code == "211" {
      guard !keywords.isEmpty else { return Message(.server, ["211 No features"]) }
      return Message(
        .server, ["211-Features:"] + keywords.map { Text(pieces: [.literal([32])] + $0.pieces, place: $0.place) } + ["211 End"])
    }
    let text = Self.place(code) ?? Text(usualText(code, command))
    return Message(.server, coded(code, [text] + keywords))
  }

  private func usualText(_ code: String, _ command: Message?) -> String {
    switch code {
    case "120": "Service will be ready soon"
    case "125": "Data connection already open; transfer starting"
    case "150": "About to open data connection"
    case "200", "202": "Ok"
    case "211": "End of status"
    case "213": "0"
    case "215": "UNIX Type: L8"
    case "220": command == nil ? "replique.invalid FTP server ready" : "Ready"
    case "221": "Goodbye"
    case "225": "Data connection open; no transfer in progress"
    case "226": "Transfer complete"
    case "230": "User logged in"
    case "234": "Proceed with negotiation"
    case "250": "Requested file action okay, completed"
    case "257": "\"/\""
    case "331": "User name okay, need password"
    case "332": "Need account for login"
    case "350": "Requested file action pending further information"
    case "421": "Service not available, closing control connection"
    case "425": "Can't open data connection"
    case "426": "Connection closed; transfer aborted"
    case "450", "550": "File unavailable"
    case "451": "Local error in processing"
    case "452": "Insufficient storage space"
    case "500", "502": "Command not implemented"
    case "501": "Syntax error in parameters or arguments"
    case "503": "Bad sequence of commands"
    case "504": "Command not implemented for that parameter"
    case "522": "Network protocol not supported"
    case "530": "Not logged in"
    case "532": "Need account for storing files"
    case "552": "Exceeded storage allocation"
    case "553": "File name not allowed"
    default: code.first.map { "123".contains($0) } ?? false ? "Ok" : "Not possible"
    }
  }

  package func refused(_ reply: Message, code: String?) -> Message {
    usualReply(code ?? (succeeded(reply) ? "550" : "250"), to: nil, with: [])
  }

  package func dropping(keyword: String?, from reply: Message) -> Message? {
    guard reply.head.count > 2 else { return nil }
    var head = reply.head
    let features = head.indices.dropFirst().dropLast()
    guard let keyword else {
      head.remove(at: features.upperBound - 1)
      return Message(.server, head)
    }
    let wanted = Words.upper(Array(keyword.utf8))
    let texts = FTPReply(reply).texts
    guard let index = features.first(where: { Words.upper(texts[$0].recorded).starts(with: wanted) }) else { return nil }
    head.remove(at: index)
    return Message(.server, head)
  }
}
