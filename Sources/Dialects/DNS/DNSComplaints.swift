import Transcript
import Wire

/// What in a message of a transcript could be neither sent nor compared. Of what has holes only a run can tell.
struct DNSComplaints {
  private(set) var found: [Diagnostic] = []

  init(_ message: Message) {
    if let head = message.head.first { if message.side == .client { question(head) } else { code(head) } }
    for part in message.parts {
      switch part.content {
      case .set(let texts) where part.name == "flags": texts.forEach { flag($0) }
      case .set(let texts): texts.forEach { record($0) }
      case .fields(let fields): edns(fields)
      case .lines, .payload: break
      }
    }
  }

  private mutating func add(_ message: String, at place: Place, hint: String? = nil) {
    found.append(Diagnostic(message, at: place, hint: hint))
  }

  private mutating func question(_ head: Text) {
    do throws(QuestionText.Flaw) {
      let text = try QuestionText(head)
      if let name = text.name, name.isLiteral, DomainName(text: name.recorded) == nil { tellName(name, head.place) }
    } catch {
      let form = "write 'www.example.org. IN A'"
      switch error {
      case .noType: add("a question has a type", at: head.place, hint: form)
      case .unknownType(let type): unknownType(type, head.place)
      case .unknownClass(let name):
        add("there is no class '\(printable(name))'", at: head.place, hint: "classes are \(Registered.classes.all.joined(separator: ", "))")
      case .tooMuch(let word): add("'\(printable(word))' stands behind the question", at: head.place, hint: form)
      }
    }
  }

  private mutating func code(_ head: Text) {
    guard let bytes = head.literal, Registered.codes.number(bytes) == nil else { return }
    let name = String(decoding: bytes, as: UTF8.self)
    add("there is no response code '\(printable(name))'", at: head.place, hint: near(name.uppercased(), Registered.codes.all, "codes are"))
  }

  private mutating func flag(_ text: Text) {
    guard let bytes = text.literal else { return }
    let name = String(decoding: bytes, as: UTF8.self)
    guard Flag(rawValue: name.lowercased()) == nil else { return }
    add("there is no flag '\(printable(name))'", at: text.place, hint: near(name.lowercased(), Flag.allCases.map(\.rawValue), "flags are"))
  }

  private mutating func record(_ text: Text) {
    let record: RecordText
    do throws(RecordText.Flaw) { record = try RecordText(text) } catch {
      // A type may be in a hole; then there is nothing to check.
      if !text.isLiteral { return }
      switch error {
      case .noType: add("a record has a type", at: text.place, hint: "write 'www.example.org. 300 IN A 192.0.2.1'")
      case .unknownType(let type): unknownType(type, text.place)
      }
      return
    }
    if record.owner.isLiteral, DomainName(text: record.owner.recorded) == nil { tellName(record.owner, text.place) }
    let isEmpty = record.data.isEmpty && (record.class == .classANY || record.class == .classNONE)
    guard record.data.allSatisfy(\.isLiteral), !isEmpty, record.dataBytes == nil else { return }
    let type = Registered.types.name(record.type)
    add(
      "this is no data of a record of type \(type)", at: text.place,
      hint: RecordData.layout(record.type) == nil ? "write '\\# LENGTH HEX' (RFC 3597 §5)" : nil)
  }

  private mutating func edns(_ fields: [Part.Field]) {
    do throws(EDNS.Flaw) { _ = try EDNS(fields) } catch {
      switch error {
      case .key(let key):
        let place = fields.first { $0.name == key }?.values.first?.place ?? .nowhere
        add("'edns' has no key '\(printable(key))'", at: place, hint: near(key, EDNS.keys, "keys are"))
      case .value(let key):
        guard let value = fields.first(where: { $0.name == key })?.values.first, value.isLiteral else { return }
        add(
          "'\(printable(String(decoding: value.recorded, as: UTF8.self)))' is no '\(key)' of EDNS", at: value.place,
          hint: key == "options" ? "write a name or number and hexadecimal digits: 'COOKIE c8ac95f48589750e'" : nil)
      }
    }
  }

  private mutating func tellName(_ name: Text, _ place: Place) {
    add(
      "'\(printable(name.recorded))' is no name", at: place,
      hint: "labels have 1 to 63 bytes, a name 255 in all (RFC 1035 §2.3.4)")
  }

  private mutating func unknownType(_ type: String, _ place: Place) {
    add("there is no type '\(printable(type))'", at: place, hint: near(type.uppercased(), Registered.types.all, nil))
  }

  private func near(_ word: String, _ names: [String], _ all: String?) -> String? {
    nearest(to: word, among: names).map { "did you mean '\($0)'?" } ?? all.map { "\($0) \(names.joined(separator: ", "))" }
  }
}
