import Capture
import Dialects
import Extraction
import Wire

/// Counts what became of conversations, for the table that ends a run.
final class ExtractionLedger {
  private struct Row {
    var conversations = 0
    var written = 0
    /// Data connections, whose transfers stand in the transcripts of others.
    var carried = 0
    /// Those that stand in the transcripts of others like them.
    var alike = 0
    var skipped: [String: Int] = [:]
  }

  private var rows: [String: Row] = [:]
  /// Conversations of a protocol that is known.
  private(set) var recognised = 0
  /// Transcripts that are there, by this run or by an earlier one.
  private(set) var written = 0
  /// Files that were there already with another content.
  private(set) var kept = 0

  func add(_ recorded: Recorded, _ outcome: FilingOutcome) {
    let name = expect(recorded)
    switch outcome {
    case .written, .unchanged, .kept: conclude(name, outcome)
    case .alike: rows[name]?.alike += 1
    case .incomplete: rows[name]?.skipped["incomplete", default: 0] += 1
    case .skipped(.data, _): rows[name]?.carried += 1
    case .skipped(let skip, _): rows[name]?.skipped[skip.reason(recorded), default: 0] += 1
    }
  }

  /// A conversation of which nobody knows yet what becomes of it.
  ///
  /// - Returns: its row of the table, for `conclude`.
  func expect(_ recorded: Recorded) -> String {
    let name = recorded.dialect?.name ?? recorded.skip?.dataProtocol ?? "unknown"
    if recorded.dialect != nil { recognised += 1 }
    rows[name, default: Row()].conversations += 1
    return name
  }

  /// What became of a transcript of that row.
  func conclude(_ row: String, _ outcome: FilingOutcome) {
    switch outcome {
    case .written:
      written += 1
      rows[row]?.written += 1
    case .unchanged:
      written += 1
      rows[row]?.skipped["unchanged", default: 0] += 1
    case .kept:
      kept += 1
      rows[row]?.skipped["there already", default: 0] += 1
    case .alike, .incomplete, .skipped: break
    }
  }

  /// Protocols by name, those that are not known last; the reasons behind each.
  func table(isDry: Bool) -> String {
    guard !rows.isEmpty else { return "" }
    let names = rows.keys.sorted { ($0 == "unknown" ? 1 : 0, $0) < ($1 == "unknown" ? 1 : 0, $1) }
    var table = TextTable(["protocol", "conversations", isDry ? "to write" : "written", "skipped", ""], right: [1, 2, 3])
    for name in names {
      guard let row = rows[name] else { continue }
      let reasons = row.skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      var why = reasons.prefix(Self.reasonsShown).map { "\($0.key): \($0.value)" }.joined(separator: ", ")
      if row.alike > 0 { why = "like another: \(row.alike)" + (why.isEmpty ? "" : ", ") + why }
      if row.carried > 0 { why = "transfers: \(row.carried)" + (why.isEmpty ? "" : ", ") + why }
      if reasons.count > Self.reasonsShown { why += ", …" }
      table.add([name, String(row.conversations), String(row.written), String(row.skipped.values.reduce(0, +)), why])
    }
    return table.text
  }

  private static let reasonsShown = 4
}

extension Recorded.Skip {
  func reason(_ recorded: Recorded) -> String {
    let port = "\(recorded.origin.transport == .stream ? "tcp" : "udp") port \(recorded.origin.server.port)"
    return switch self {
    case .unknownProtocol: port
    case .tls: "TLS on \(port)"
    case .silent: "nothing said on \(port)"
    case .neverOpened: "no connection to \(port)"
    case .data(_, let control): "data of stream \(control)"
    case .strayData: "belongs to no command"
    }
  }

  /// The reason as a sentence of its own, with what to do.
  func explanation(_ recorded: Recorded) -> String {
    switch self {
    case .data(_, let control): "a data connection of stream \(control): --stream \(control) shows what it carried"
    case .strayData(_, let control?): "a data connection that stream \(control) announced, and that belongs to no command"
    case .strayData: "a data connection that belongs to no command"
    case .unknownProtocol, .tls, .silent, .neverOpened: reason(recorded)
    }
  }

  /// What the protocol of a data connection is called, which has none of its own.
  var dataProtocol: String? {
    switch self {
    case .data(let name, _), .strayData(let name, _): name + "-data"
    case .unknownProtocol, .tls, .silent, .neverOpened: nil
    }
  }
}

/// Columns under one another.
struct TextTable {
  private var rows: [[String]]
  private let right: Set<Int>

  /// - Parameter right: columns that end flush.
  init(_ heads: [String], right: Set<Int>) {
    rows = [heads]
    self.right = right
  }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, text in
        let gap = String(repeating: " ", count: widths[column] - text.count)
        return right.contains(column) ? gap + text : column == row.count - 1 ? text : text + gap
      }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
