import Transcript
import Wire

extension Reading {
  /// What a payload is of.
  enum PayloadUse {
    case part(Side)
    case transfer(Side)
    /// The body of a mail of which only some things are compared.
    case body

    var isSent: Bool {
      switch self {
      case .part(let side), .transfer(let side): side == .client
      case .body: false
      }
    }
  }

  /// A payload that is a part's value: lines as a block or a list, or a mapping of payload keys.
  ///
  /// - Parameter isText: plainly written it is a text as it stands, and it may be in chunks.
  func payload(_ node: Node, _ what: String, _ use: PayloadUse, isText: Bool = false) -> Payload? {
    guard case .mapping = node else {
      if isText { return texts.whole(node, what).map { Payload(.text($0), place: node.place) } }
      return texts.lines(node, what).map { Payload(.lines($0), place: $0.first?.place ?? node.place) }
    }
    guard let keys = Keys(node, what, problems) else { return nil }
    if isText {
      keys.allow(Self.payloadKeys, [Self.chunksKey], in: what)
      return payload(keys, use, at: node.place)
    }
    guard keys["headers"] != nil || keys["body"] != nil else {
      keys.allow(Self.payloadKeys, ["headers", "body"], in: what)
      return payload(keys, use, at: node.place)
    }
    keys.allow(Self.payloadKeys.subtracting(Self.contentKeys), ["headers", "body"], in: "\(what) of headers and body")
    var payload = facts(keys, at: node.place)
    let headers = keys["headers"].flatMap { fields($0, "'headers'") } ?? []
    let body = keys["body"].flatMap { self.payload($0, "'body'", .body) }
    payload.content = .fields(headers: headers, body: body.map(Payload.Box.init))
    return payload
  }

  /// A payload whose keys stand in a mapping, maybe beside others.
  func payload(_ keys: Keys, _ use: PayloadUse, at place: Place) -> Payload {
    var payload = facts(keys, at: place)
    let contents = keys.all.filter { Self.contentKeys.contains($0.key.text) || $0.key.text == Self.chunksKey }
    if contents.count > 1 {
      problems.add(
        "'\(contents[0].key.text)' and '\(contents[1].key.text)' both say what the content is", at: contents[1].key.place)
    }
    if let pair = contents.first { payload.content = content(pair.key.text, pair.value) }
    guard contents.isEmpty else { return payload }
    for name in ["unordered", "exact"] where keys[name] != nil {
      problems.add("'\(name)' says how to compare, and there is no content", at: keys.place(of: name))
    }
    if use.isSent {
      problems.add("there is nothing to send", at: place, hint: "it has one of \(Self.contentKeys.sorted().joined(separator: ", "))")
    } else if case .transfer = use {
      // That there is one at all can be checked.
    } else if !keys.names.contains(where: Self.payloadKeys.contains) {
      problems.add("there is nothing to check", at: place)
    }
    return payload
  }

  private func facts(_ keys: Keys, at place: Place) -> Payload {
    var payload = Payload(place: place)
    payload.sha256 = keys["sha256"].flatMap { texts.digest($0, "'sha256'") }
    payload.size = keys["size"].flatMap { texts.count($0, "'size'") }
    payload.has = keys["has"].map { expectations($0, "'has'") } ?? []
    payload.lacks = keys["lacks"].map { expectations($0, "'lacks'") } ?? []
    payload.unordered = keys["unordered"].map { texts.truth($0, "'unordered'") } ?? false
    payload.exact = keys["exact"].map { texts.truth($0, "'exact'") } ?? false
    payload.endsEarly = keys["ends"].flatMap { texts.word($0, "'ends'", of: ["early"]) } != nil
    return payload
  }

  private func content(_ name: String, _ node: Node) -> Payload.Content? {
    switch name {
    case "lines": return texts.lines(node, "'lines'").map { .lines($0) }
    case "text": return texts.whole(node, "'text'").map { .text($0) }
    case Self.chunksKey: return .chunks(texts.list(node, "'chunks'"))
    case "json":
      guard let text = texts.whole(node, "'json'") else { return nil }
      if JSONValue(text) == nil {
        problems.add("this is not JSON", at: node.place, hint: "a pattern stands in a string, or in the place of a value")
      }
      return .json(text)
    case "bytes": return bytes(node).map { .bytes($0) }
    case "base64":
      guard let text = texts.plain(node, "'base64'") else { return nil }
      guard let bytes = Base64.decode(text.utf8.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: " ") }) else {
        problems.add("this is not base 64", at: node.place)
        return nil
      }
      return .bytes(bytes)
    default:
      guard let path = resolved(node, "'file'"), let bytes = loaded(path, node), let name = texts.plain(node, "'file'") else { return nil }
      return .file(name, bytes)
    }
  }

  /// One byte per character up to U+00FF.
  private func bytes(_ node: Node) -> [UInt8]? {
    guard let scalar = texts.exact(node, "'bytes'") else { return nil }
    let bytes = scalar.text.unicodeScalars.map { UInt8(exactly: $0.value) }
    guard !bytes.contains(nil) else {
      problems.add(
        "'bytes' are characters up to U+00FF, one for each byte", at: node.place, hint: "write \"\\xe9\" for a byte, or use 'text'")
      return nil
    }
    return bytes.compactMap(\.self)
  }

  private static let chunksKey = "chunks"
  /// What the content is.
  static let contentKeys: Set<String> = ["text", "lines", "file", "bytes", "base64", "json"]
  static let payloadKeys = contentKeys.union(["sha256", "size", "has", "lacks", "unordered", "exact", "ends"])
}
