import Capture
import Dialects
import Extraction
import Transcript
import TranscriptYAML
import Wire

/// A capture of one TCP conversation, told line by line, and what extraction makes of it.
struct Recorder {
  private var extractor: Extractor
  private let box = Box()
  private var origin: Origin
  private var now = Instant(nanoseconds: 1_700_000_000_000_000_000)

  private final class Box { var recorded: [Recorded] = [] }

  init(port: UInt16 = 25, isPartial: Bool = false, limits: ExtractionLimits = ExtractionLimits(), dialect: (any Dialect)? = nil) {
    origin = Origin(
      number: 0, transport: .stream, client: Endpoint(Address(v4: 0x0a00_0001), 40_000), server: Endpoint(Address(v4: 0x0a00_0002), port),
      at: now,
      isPartial: isPartial)
    extractor = Extractor(limits: limits, choice: { _ in dialect }) { [box] in box.recorded.append($0) }
  }

  /// `C: …` and `S: …` are lines of a side, `C.`, `S.` its end, `S!` a reset, `C~9` nine bytes lost; `\n` in a line is a line's end,
  /// `\` at a line's end leaves that out.
  mutating func plays(_ script: String) -> Recorder {
    tell(.opened(origin))
    for line in script.split(separator: "\n") {
      now = now + .milliseconds(1)
      let side: Side = line.first == "C" ? .client : .server
      let rest = line.dropFirst()
      switch rest.first {
      case ":"?:
        let isOpen = rest.hasSuffix("\\")
        let text = rest.dropFirst(2).dropLast(isOpen ? 1 : 0) + (isOpen ? "" : "\\n")
        hear(.bytes(0, side, now), Array(text.replacing("\\n", with: "\r\n").replacing("\\l", with: "\n").utf8))
      case "."?: tell(.ended(0, side, .finished, now))
      case "!"?: tell(.ended(0, side, .reset, now))
      case "~"?: tell(.gap(0, side, Int(rest.dropFirst()) ?? 0, now))
      case "+"?: now = now + .seconds(Int(rest.dropFirst()) ?? 0)
      default: break
      }
    }
    tell(.closed(0, .finished, now))
    extractor.finish()
    return self
  }

  mutating func isRefused(_ how: Refusal) -> Recorder {
    tell(.refused(origin, how))
    return self
  }

  var recorded: Recorded? { box.recorded.first }

  /// The steps as they are written, without what stands before them.
  func exchange(inlineLimit: Int = 1 << 16, store: @escaping Scribe.Store = { _ in "beside" }) -> String {
    yaml(inlineLimit: inlineLimit, store: store).split(separator: "exchange:\n").dropFirst().joined()
  }

  func yaml(inlineLimit: Int = 1 << 16, store: @escaping Scribe.Store = { _ in "beside" }) -> String {
    guard let recorded, let transcript = Scribe.write(recorded, source: nil, inlineLimit: inlineLimit, store: store) else { return "" }
    return String(decoding: TranscriptWriter.write(transcript), as: UTF8.self)
  }

  private mutating func tell(_ event: CaptureEvent) { hear(event, []) }
  private mutating func hear(_ event: CaptureEvent, _ bytes: [UInt8]) { extractor.heard(event, bytes.span) }
}
