import Dialects
package import Transcript
import Wire

/// Writes transcripts the way a person would: plain where that is safe, a `|` block for what has several lines. What it writes reads back
/// to the same value; the same transcript always gives the same bytes.
///
///     replique: 1
///     title: Mail to etu1
///     protocol: smtp
///     vars: {to: etu1@local.demo}
///     exchange:
///       - S: 220 mail.local.demo
///       - C: "JOIN #lab"
///
/// A text whose patterns' examples are not printable cannot be written as it is: see `Hole.canShow`.
package struct TranscriptWriter {
  private var out = ""
  /// Whether the next line is the first of a list's item, its hyphen before it.
  private var beginsItem = false
  /// Parts that are texts where they are written plainly.
  var textParts: Set<String> = []

  package static func write(_ transcript: Transcript) -> [UInt8] {
    var writer = TranscriptWriter()
    writer.write(transcript)
    return Array(writer.out.utf8)
  }

  private mutating func write(_ transcript: Transcript) {
    line("", "replique: 1")
    remark("", "title", transcript.title)
    remark("", "about", transcript.about)
    list("", "tags", transcript.tags)
    remark("", "cite", transcript.cite)
    if transcript.conversations.count == 1, let only = transcript.conversations.first, only.name == nil, only.about == nil, only.cite == nil
    {
      line("", "protocol: \(only.dialect)")
      write("", transcript.vars + only.vars)
      write("", gate: only.gate ?? transcript.gate, transcript.grades.merging(only.grades) { $1 })
      list("", "locks", transcript.locks)
      write("", only)
      return
    }
    write("", transcript.vars)
    write("", gate: transcript.gate, transcript.grades)
    list("", "locks", transcript.locks)
    line("", "conversations:")
    for conversation in transcript.conversations {
      let inner = "    "
      beginsItem = true
      remark(inner, "name", conversation.name)
      line(inner, "protocol: \(conversation.dialect)")
      remark(inner, "about", conversation.about)
      remark(inner, "cite", conversation.cite)
      write(inner, conversation.vars)
      write(inner, gate: conversation.gate, conversation.grades)
      write(inner, conversation)
    }
  }

  /// What a conversation has wherever it stands.
  private mutating func write(_ indent: String, _ conversation: Conversation) {
    if let target = conversation.target { line(indent, "target", target) }
    if let transport = conversation.transport { line(indent, "transport: \(transport == .stream ? "tcp" : "udp")") }
    if let proxy = conversation.proxy { line(indent, "proxy", proxy) }
    if let within = conversation.within { line(indent, "within: \(within.transcript)") }
    list(indent, "needs", conversation.needs)
    if let retry = conversation.retry { line(indent, "retry: \(retry.transcript)") }
    if let source = conversation.source { write(indent, source) }
    line(indent, "exchange:")
    speak(conversation.dialect)
    for step in conversation.steps {
      beginsItem = true
      write(indent + "    ", step)
    }
  }

  /// From here on, parts are those of this dialect.
  mutating func speak(_ dialect: String) {
    textParts = Set((Registry[dialect]?.parts ?? []).filter { $0.content == .text }.map(\.name))
  }

  private mutating func write(_ indent: String, _ source: Source) {
    line(indent, "source:")
    let inner = indent + "  "
    remark(inner, "capture", source.capture)
    remark(inner, "sha256", source.sha256)
    remark(inner, "at", source.at)
    remark(inner, "client", source.client)
    remark(inner, "server", source.server)
    remark(inner, "stream", source.stream.map(String.init))
    remark(inner, "by", source.by)
    remark(inner, "count", source.count.map(String.init))
  }

  /// On one line where they fit and have values, else one below the other.
  private mutating func write(_ indent: String, _ vars: [Variable]) {
    guard !vars.isEmpty else { return }
    let items = vars.map { variable in variable.value.map { "\(variable.name): \(Quoting.scalar($0.template, inFlow: true))" } }
    let all = "vars: {\(items.map { $0 ?? "" }.joined(separator: ", "))}"
    if !items.contains(nil), all.utf8.count <= Self.widest { return line(indent, all) }
    line(indent, "vars:")
    for variable in vars {
      if let value = variable.value { line(indent + "  ", variable.name, value) } else { line(indent + "  ", "\(variable.name):") }
    }
  }

  private mutating func write(_ indent: String, gate: Grade?, _ grades: [String: Grade]) {
    if let gate { line(indent, "gate: \(gate.rawValue)") }
    write(indent, grades)
  }

  mutating func write(_ indent: String, _ grades: [String: Grade]) {
    guard !grades.isEmpty else { return }
    let items = grades.sorted { $0.key < $1.key }.map { "\(Quoting.scalar($0.key, inFlow: true)): \($0.value.rawValue)" }
    line(indent, "grades: {\(items.joined(separator: ", "))}")
  }

  // MARK: Lines

  mutating func line(_ indent: String, _ text: String) {
    out += beginsItem ? indent.dropLast(2) + "- " : indent
    out += text
    out += "\n"
    beginsItem = false
  }

  mutating func line(_ indent: String, _ key: String, _ text: Text) { line(indent, "\(key): \(Quoting.scalar(text.template))") }

  /// Words for people: no patterns in them.
  mutating func remark(_ indent: String, _ key: String, _ text: String?) {
    guard let text else { return }
    let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { String(Substring($0)) }
    let isBlock = lines.count > 1 && lines.allSatisfy { Quoting.canStandInBlock($0) && $0.utf8.last?.isBlank != true }
    guard isBlock else { return line(indent, "\(key): \(Quoting.scalar(text))") }
    block(indent, key, lines)
  }

  /// A mapping of texts and lists of them, if it fits on one line and can be read there: one below the other they need fewer quotes.
  func flow(_ key: String, _ fields: [Part.Field]) -> String? {
    var isPlain = true
    func scalar(_ text: String) -> String {
      let written = Quoting.scalar(text, inFlow: true)
      if written != text { isPlain = false }
      return written
    }
    let items = fields.map { field in
      let values = field.values.map { scalar($0.template) }
      return "\(scalar(field.name)): \(values.count == 1 ? values[0] : "[\(values.joined(separator: ", "))]")"
    }
    let all = "\(key): {\(items.joined(separator: ", "))}"
    return isPlain && all.utf8.count <= Self.widest ? all : nil
  }

  mutating func list(_ indent: String, _ key: String, _ texts: [String]) {
    guard !texts.isEmpty else { return }
    let all = "\(key): [\(texts.map { Quoting.scalar($0, inFlow: true) }.joined(separator: ", "))]"
    if all.utf8.count <= Self.widest { return line(indent, all) }
    line(indent, "\(key):")
    for text in texts {
      beginsItem = true
      line(indent + "    ", Quoting.scalar(text))
    }
  }

  mutating func list(_ indent: String, _ key: String, _ texts: [Text]) { list(indent, key, texts.map(\.template)) }

  /// Lines of which each ends with a line's end.
  mutating func lines(_ indent: String, _ key: String, _ texts: [Text]) {
    if texts.isEmpty { return line(indent, "\(key): []") }
    let lines = texts.map(\.lineTemplate)
    if lines == [""] || !lines.allSatisfy(Quoting.canStandInBlock) {
      return line(indent, "\(key): \(Quoting.quoted(lines.map { $0 + "\n" }.joined()))")
    }
    block(indent, key, lines + [""])
  }

  /// A text with its line ends in it.
  mutating func whole(_ indent: String, _ key: String, _ text: Text) {
    let lines = text.lineTemplates
    guard lines.count > 1, lines.allSatisfy(Quoting.canStandInBlock) else { return line(indent, key, text) }
    block(indent, key, lines)
  }

  /// A `|` block of a text cut at its line ends, two lines at least. The indicator says how it ends: `|-` without a line's end, `|+` with
  /// an empty line; a number says how far it is indented, where its first line would mislead.
  private mutating func block(_ indent: String, _ key: String, _ lines: [String]) {
    let text = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
    let chomping = text.count == lines.count ? "-" : text.last?.isEmpty == true ? "+" : ""
    let isIndented = text.first { !$0.isEmpty }?.utf8.first?.isBlank == true
    line(indent, "\(key): |\(isIndented ? "2" : "")\(chomping)")
    for line in text { self.line(line.isEmpty ? "" : indent + "  ", line) }
  }

  /// Bytes of a list or mapping on one line.
  private static let widest = 120
}
