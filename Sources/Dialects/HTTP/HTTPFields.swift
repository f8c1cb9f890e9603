import Transcript
import Wire

/// A message's parts from its bytes: the fields of a head, or behind a content.
enum HTTPFields {
  /// The start line of a head, without its end, and where its fields begin. Empty lines before it are passed over.
  static func startLine(_ bytes: [UInt8]) -> (line: [UInt8], next: Int) {
    var at = 0
    while at < bytes.count {
      let lf = bytes[at...].firstIndex(of: 10) ?? bytes.count
      let end = lf > at && bytes[lf - 1] == 13 ? lf - 1 : lf
      if end > at { return (Array(bytes[at..<end]), min(lf + 1, bytes.count)) }
      at = lf + 1
    }
    return ([], bytes.count)
  }

  /// Values of the same name stand together, where the first one stood; their order among each other is kept, as it must be (RFC 9110 §5.3).
  /// A line without a name is left out. One that continues another is a blank and more text (RFC 9112 §5.2).
  static func parse(_ bytes: ArraySlice<UInt8>) -> [Part.Field] {
    var fields: [Part.Field] = []
    var places: [String: Int] = [:]
    var last: Int?
    var at = bytes.startIndex
    while at < bytes.endIndex {
      let lf = bytes[at...].firstIndex(of: 10) ?? bytes.endIndex
      let line = bytes[at..<(lf > at && bytes[lf - 1] == 13 ? lf - 1 : lf)]
      at = min(lf + 1, bytes.endIndex)
      if line.isEmpty { break }
      if line.first == 32 || line.first == 9 {
        guard let last, let value = fields[last].values.indices.last else { continue }
        fields[last].values[value].append(.literal([32] + trimmed(line)))
        continue
      }
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
        last = nil
        continue
      }
      let name = trimmed(line[..<colon])
      guard name.allSatisfy({ (33...126).contains($0) }) else {
        last = nil
        continue
      }
      let value = Text(trimmed(line[(colon + 1)...]))
      let key = String(decoding: name.map(\.lowercased), as: UTF8.self)
      if let known = places[key] {
        fields[known].values.append(value)
        last = known
      } else {
        places[key] = fields.count
        last = fields.count
        fields.append(Part.Field(String(decoding: name, as: UTF8.self), [value]))
      }
    }
    return fields
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var out = bytes
    while let first = out.first, first == 32 || first == 9 { out = out.dropFirst() }
    while let last = out.last, last == 32 || last == 9 { out = out.dropLast() }
    return Array(out)
  }
}

extension Message {
  /// The fields of its head.
  var headers: [Part.Field] { if case .fields(let fields)? = self[part: HTTP.headersPart] { fields } else { [] } }

  /// All values of a header; the name is in lower case.
  func header(_ name: String) -> [Text] { headers.filter { $0.isNamed(name) }.flatMap(\.values) }

  /// The elements of a header that is a list, in lower case, as far as they are literal.
  func headerWords(_ name: String) -> [String] {
    header(name).flatMap { $0.recorded.split(separator: UInt8(ascii: ",")) }.map { element in
      String(decoding: element.filter { $0 != 32 && $0 != 9 }, as: UTF8.self).lowercased()
    }
  }
}

extension Part.Field {
  /// The name is in lower case.
  func isNamed(_ lowercased: String) -> Bool {
    name.utf8.count == lowercased.utf8.count && zip(name.utf8, lowercased.utf8).allSatisfy { $0.lowercased == $1 }
  }
}
