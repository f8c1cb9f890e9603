package import Transcript
import Wire

extension HTTP {
  package func facets(of message: Message, in context: Context) -> [Facet] {
    guard message.side == .server, let head = message.head.first else { return [] }
    let words = head.words(limit: 3)
    var facets = [Facet("version", words[0], .detail)]
    if words.count > 1 {
      let outcome = HTTPStatus(message).map { Text(Self.outcome($0.code, of: context.command)) } ?? words[1]
      facets.append(Facet("reply-code", key: "outcome", outcome, .outcome))
      facets.append(Facet("reply-code", key: "code", words[1], .detail))
    }
    if words.count > 2 { facets.append(Facet("wording", words[2], .wording)) }
    return facets + fields(of: message, Self.headersPart) + fields(of: message, Self.trailersPart)
  }

  /// A body decides something where the request succeeded; an error's page is for people.
  package func weight(ofPayload part: String, of message: Message, in context: Context) -> Weight {
    HTTPStatus(message).map { $0.code / 100 == 2 } ?? true ? .value : .wording
  }

  /// Codes that come to the same have one outcome: what each was is a detail.
  private static func outcome(_ code: Int, of command: Message?) -> String {
    let request = command?.head.first?.words(limit: 3) ?? []
    let method = request.first?.recorded ?? []
    switch code {
    case 301, 308: return "301"
    case 302, 303, 307: return "302"
    // A method that a server does not know, or does not want there; these two every server has (RFC 9110 §9.1).
    case 400, 405, 501:
      let isCommon = method.isEmpty || method.elementsEqual("GET".utf8) || method.elementsEqual("HEAD".utf8)
      return isCommon ? String(code) : "405"
    // A proxy that cannot reach the origin says so in one way or another.
    case 500, 502, 503, 504:
      let target = request.count > 1 ? request[1].recorded : []
      let isByProxy =
        method.elementsEqual("CONNECT".utf8) || !target.isEmpty && target.first != UInt8(ascii: "/") && target.first != UInt8(ascii: "*")
      return isByProxy ? "502" : String(code)
    default: return String(code)
    }
  }

  // MARK: Fields

  private func fields(of message: Message, _ part: String) -> [Facet] {
    guard case .fields(let fields)? = message[part: part] else { return [] }
    var out: [Facet] = []
    var line = 0
    for field in fields {
      let name = field.name.lowercased()
      defer { line += field.values.count }
      for (offset, facet) in facets(of: field, name).enumerated() {
        var facet = facet
        facet.part = part
        facet.line = line + min(offset, max(0, field.values.count - 1))
        // A field that stands twice in a transcript, in two spellings, is compared twice.
        while out.contains(where: { $0.kind == facet.kind && $0.key == facet.key }) { facet.key += "'" }
        out.append(facet)
      }
    }
    return out
  }

  private func facets(of field: Part.Field, _ name: String) -> [Facet] {
    let weight: Weight = Self.incidental.contains(name) ? .wording : .detail
    switch name {
    case "location": return field.values.map { Facet("location", $0, .value) }
    case "content-type": return field.values.prefix(1).flatMap(mediaType)
    case "set-cookie":
      // Never one list (RFC 9110 §5.3): each is told by the cookie's name.
      return field.values.map { value in
        let cookie = value.recorded.prefix { $0 != UInt8(ascii: "=") }
        return Facet("header", key: "\(name) \(String(decoding: cookie, as: UTF8.self))", value, .detail)
      }
    default: return [Facet("header", key: name, Self.joined(field.values, isSet: Self.sets.contains(name)), weight)]
    }
  }

  /// `text/html`, and what stands behind it (RFC 9110 §8.3.1).
  private func mediaType(_ value: Text) -> [Facet] {
    guard case .literal(let bytes)? = value.pieces.first else { return [Facet("media-type", value, .value)] }
    let type = bytes.prefix { $0 != UInt8(ascii: ";") && $0 != 32 && $0 != 9 }.map(\.lowercased)
    // A pattern within it is not cut.
    if type.count == bytes.count { return [Facet("media-type", value.pieces.count == 1 ? Text(type, place: value.place) : value, .value)] }
    var out = [Facet("media-type", Text(type, place: value.place), .value)]
    let blanks = bytes.dropFirst(type.count).prefix { $0 == UInt8(ascii: ";") || $0 == 32 || $0 == 9 }.count
    if let parameters = value.dropping(type.count + blanks), !parameters.pieces.isEmpty {
      out.append(
        Facet(
          "header", key: "content-type parameters",
          parameters.isLiteral ? Text(parameters.recorded.map(\.lowercased), place: value.place) : parameters, .detail))
    }
    return out
  }

  /// Values of several lines are one list (RFC 9110 §5.3); blanks around its elements say nothing, nor their order and case where it is a set.
  private static func joined(_ values: [Text], isSet: Bool) -> Text {
    guard isSet || values.count > 1 || values.first?.recorded.contains(UInt8(ascii: ",")) == true, values.allSatisfy(\.isLiteral) else {
      guard let first = values.first else { return "" }
      var out = first
      for value in values.dropFirst() {
        out.append(.literal([UInt8(ascii: ","), 32]))
        value.pieces.forEach { out.append($0) }
      }
      return out
    }
    var elements = values.flatMap { $0.recorded.split(separator: UInt8(ascii: ",")) }.map { element in
      Array(element.drop { $0 == 32 || $0 == 9 }.reversed().drop { $0 == 32 || $0 == 9 }.reversed())
    }.filter { !$0.isEmpty }
    if isSet { elements = elements.map { $0.map(\.lowercased) }.sorted { $0.lexicographicallyPrecedes($1) } }
    return Text(Array(elements.joined(separator: [UInt8(ascii: ","), 32])), place: values[0].place)
  }

  /// Say something about the server, the way, or the moment: nobody's outcome.
  private static let incidental: Set<String> = [
    "date", "server", "etag", "via", "age", "x-cache", "x-cache-lookup", "x-cache-hits", "x-served-by", "x-timer", "x-squid-error",
    "x-powered-by", "cache-status", "proxy-status", "server-timing", "keep-alive", "proxy-connection", "x-request-id", "x-correlation-id",
    "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id", "x-amz-cf-pop", "cf-ray", "x-runtime", "x-varnish", "alt-svc", "nel", "report-to",
    "mime-version",
  ]
  /// Lists whose elements have no order, and no case.
  private static let sets: Set<String> = [
    "connection", "vary", "allow", "accept-ranges", "cache-control", "access-control-allow-methods", "access-control-allow-headers",
    "access-control-expose-headers", "transfer-encoding", "content-encoding", "content-language", "upgrade", "pragma", "trailer",
  ]
}
