import Transcript
import Wire

extension SMTP {
  package func marks(of heard: Heard, answering answered: Heard?) -> [Mark] {
    heard.side == .client ? clientMarks(heard) : serverMarks(heard, answered)
  }

  // MARK: The client

  private func clientMarks(_ heard: Heard) -> [Mark] {
    guard let line = heard.message.head.first?.literal else { return [] }
    if let (mechanism, step) = SASLExchange.answer(heard.label) {
      return AuthMarks.marks(line, at: 0..<line.count, mechanism: mechanism, step: step)
    }
    let words = wordRanges(line)
    switch words.first.map({ Words.upper(Array(line[$0]))[0] }) ?? "" {
    case "EHLO", "HELO", "LHLO": return words.count > 1 ? [Mark(.head(0), words[1], .names("client"))] : []
    case "MAIL": return Self.path(line).map { [Mark(.head(0), $0, .names("from"))] } ?? []
    case "RCPT": return Self.path(line).map { [Mark(.head(0), $0, .names("to"))] } ?? []
    case "VRFY", "EXPN": return words.count > 1 ? [Mark(.head(0), Self.path(line) ?? words[1], .names("to"))] : []
    case "AUTH": return AuthMarks.command(line)
    case "BDAT":
      guard words.count > 1, !heard.isCutShort, Int(String(decoding: line[words[1]], as: UTF8.self)) == heard.payloadSize else { return [] }
      return [Mark(.head(0), words[1], .size)]
    case let verb where Self.commands.contains(verb): return []
    default: return heard.isCutShort || AuthMarks.isStray(line) ? [Mark(.head(0), 0..<line.count, .secret(of: nil))] : []
    }
  }

  /// The address of a command's path, without brackets and source route (RFC 5321 §4.1.2); nil where it is empty.
  private static func path(_ line: [UInt8]) -> Range<Int>? {
    var start: Int
    var end: Int
    if let open = line.firstIndex(of: UInt8(ascii: "<")) {
      start = open + 1
      // A quoted local part may hold a bracket.
      var isQuoted = false
      end = start
      while end < line.count, isQuoted || line[end] != UInt8(ascii: ">") {
        if line[end] == UInt8(ascii: "\"") { isQuoted.toggle() }
        end += 1
      }
      guard end < line.count else { return nil }
      if start < end, line[start] == UInt8(ascii: "@"), let colon = line[start..<end].firstIndex(of: UInt8(ascii: ":")) {
        start = colon + 1
      }
    } else {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), let word = wordRanges(line, from: colon + 1).first else { return nil }
      start = word.lowerBound
      end = word.upperBound
    }
    return start < end ? start..<end : nil
  }

  // MARK: The server

  private func serverMarks(_ heard: Heard, _ answered: Heard?) -> [Mark] {
    let isAuth = answered.map { $0.label == "AUTH" || SASLExchange.answer($0.label) != nil } ?? false
    if isAuth, heard.label == "334" { return heard.message.head.first?.literal.map { AuthMarks.challenge($0, from: 4) } ?? [] }
    let isHello = ["EHLO", "HELO", "LHLO"].contains(answered?.label)
    return heard.message.head.enumerated().flatMap { number, text -> [Mark] in
      // Behind the first line of a reply to EHLO are keywords: they are the same in each run.
      guard let line = text.literal, line.count > 4, number == 0 || !isHello else { return [] }
      let start = Self.textStart(line)
      var marks = LineMarks(.head(number))
      if number == 0 { Self.markServer(line, start, heard, isHello, &marks) }
      if isHello { Self.markClient(line, start, answered?.message.head.first?.literal ?? [], &marks) }
      marks.add(FreeText.bracketedAddresses(line), .varies(.ip, name: "client-address"))
      marks.add(FreeText.dates(line), .varies(.date, name: "date"))
      if let session = Self.session(line, start) { marks.add(session, .varies(.token, name: "session")) }
      if heard.label.hasPrefix("2"), let answered, answered.message[part: "message"] != nil {
        Self.markAcceptance(line, start, answered, &marks)
      } else {
        let isGoodbye = heard.label == "221" || heard.label == "421"
        let asked = answered?.message.head.first?.literal ?? []
        for id in FreeText.identifiers(line, from: start, mixed: isGoodbye ? 6 : 10)
        where FreeText.occurrences(of: Array(line[id]), in: asked).isEmpty {
          marks.add(id, .varies(.token, name: "id"))
        }
      }
      return marks.marks
    }
  }

  /// Behind the code, and the enhanced code if there is one.
  private static func textStart(_ line: [UInt8]) -> Int {
    guard let (code, _) = Reply.enhanced(Text(Array(line.dropFirst(4)))) else { return 4 }
    return min(line.count, 5 + code.recorded.count)
  }

  /// The server names itself first (RFC 5321 §4.2, §4.3.1), with a name or an address; some have a name without a dot.
  private static func markServer(_ line: [UInt8], _ start: Int, _ heard: Heard, _ isHello: Bool, _ marks: inout LineMarks) {
    let words = wordRanges(line, from: start)
    let isGreeting = heard.answer == .none && heard.label == "220"
    guard let first = words.first, isGreeting || isHello && heard.label == "250" || ["221", "421", "554"].contains(heard.label) else {
      return
    }
    let next = words.count > 1 ? Words.upper(Array(line[words[1]]))[0] : ""
    let isNamed =
      isGreeting && ["ESMTP", "SMTP", "LMTP"].contains(next) || isHello && (next == "HELLO" || next.isEmpty && line[3] == UInt8(ascii: "-"))
    let word = line[first]
    if FreeText.isHost(word) || (isNamed || word.first == UInt8(ascii: "[")) && ValueType.host.fits(word) {
      marks.add(first, .names("server"))
    }
  }

  /// `Hello client.example [192.0.2.1]`: by the name that it gave, or one that the server found.
  private static func markClient(_ line: [UInt8], _ start: Int, _ asked: [UInt8], _ marks: inout LineMarks) {
    let words = wordRanges(line, from: start)
    guard let hello = words.firstIndex(where: { Words.upper(Array(line[$0]))[0] == "HELLO" }), hello + 1 < words.count else { return }
    let greeted = trimmed(words[hello + 1], in: line)
    if wordRanges(asked).dropFirst().contains(where: { asked[$0] == line[greeted] }) {
      marks.add(greeted, .names("client"))
    } else if FreeText.isHost(line[greeted]) {
      marks.add(greeted, .varies(.host, name: "client-name"))
    }
  }

  /// Where a message was taken, servers name it, and tell how much it was and how long it took.
  private static func markAcceptance(_ line: [UInt8], _ start: Int, _ message: Heard, _ marks: inout LineMarks) {
    if let id = FreeText.bracketed(line, holding: UInt8(ascii: "@"), from: start) {
      // The client's own, where its mail has one: then it stays as it is.
      if !holds(Array(line[id]), message) { marks.add(id, .varies(.word, name: "message-id")) }
      return marks.add(FreeText.identifiers(line, from: id.upperBound), .varies(.token, name: "id"))
    }
    let words = wordRanges(line, from: start)
    func upper(_ index: Int) -> String { words.indices.contains(index) ? Words.upper(Array(line[words[index]]))[0] : "" }
    for (index, word) in words.enumerated() {
      var id = trimmed(word, in: line)
      var isNamed = ["AS", "ID", "ID:", "QP"].contains(upper(index - 1)) || upper(index + 1) == "MESSAGE"
      if let equals = line[id].firstIndex(of: UInt8(ascii: "=")), upper(index).hasPrefix("ID=") {
        id = (equals + 1)..<id.upperBound
        isNamed = true
      }
      if isNamed, !isProse(line[id]) {
        marks.add(id, .varies(ValueType.token.fits(line[id]) ? .token : .word, name: "id"))
      } else if id.count > 1, ValueType.number.fits(line[id]), Int(String(decoding: line[id], as: UTF8.self)) != message.payloadSize {
        marks.add(id, .varies(.number, name: "number"))
      }
    }
    marks.add(FreeText.identifiers(line, from: start), .varies(.token, name: "id"))
  }

  /// Without brackets and punctuation around it.
  private static func trimmed(_ word: Range<Int>, in line: [UInt8]) -> Range<Int> {
    var word = word
    while !word.isEmpty, ",;:)>]".utf8.contains(line[word.upperBound - 1]) { word = word.lowerBound..<(word.upperBound - 1) }
    while !word.isEmpty, "(<[".utf8.contains(line[word.lowerBound]) { word = (word.lowerBound + 1)..<word.upperBound }
    return word
  }

  /// `Ok`, `accepted`: a word that holds no digit, no capital but its first, and no sign.
  private static func isProse(_ word: ArraySlice<UInt8>) -> Bool {
    word.isEmpty || word.dropFirst().allSatisfy { $0.isLetter && !$0.isUpper } && !word.prefix(1).contains(where: \.isDigit)
  }

  private static func holds(_ id: [UInt8], _ message: Heard) -> Bool {
    guard case .payload(let payload)? = message.message[part: "message"] else { return false }
    return payload.bytes.firstRange(of: id) != nil
  }

  /// What Google's servers put behind each reply: `hf10si4097299icc.190 - gsmtp`.
  private static func session(_ line: [UInt8], _ start: Int) -> Range<Int>? {
    let words = wordRanges(line, from: start)
    guard words.count > 2, line[words[words.count - 1]].elementsEqual("gsmtp".utf8), words[words.count - 2].count == 1 else { return nil }
    return words[words.count - 3]
  }
}
