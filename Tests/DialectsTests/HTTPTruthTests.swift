import Capture
import Dialects
import Testing
import Transcript
import Wire

/// Hears heads and bodies as they lie on the wire, chunks undone and nothing else.
private struct WireListener: Listener {
  private struct Open {
    var line: String
    var count = 0
    var digest = Digest()
  }

  private var open = Sides<Open?>(client: nil, server: nil)
  var told = Sides<[String]>(client: [], server: [])

  mutating func heard(_ head: Head, from side: Side, _ raw: Span<UInt8>) {
    let message = HTTP().message(raw.array, from: side)
    let fields = message.parts.first.map { part in if case .fields(let fields) = part.content { fields.flatMap(\.values).count } else { 0 }
    }
    guard head.label != "?" else { return }
    let line = "\(String(decoding: message.head[0].recorded, as: UTF8.self)) +\(fields ?? 0)"
    if head.payload == nil { told[side].append("\(line) 0 \(Digest.sha256([]))") } else { open[side] = Open(line: line) }
  }

  mutating func heard(_ piece: Piece, from side: Side, _ content: Span<UInt8>) {
    guard var body = open[side] else { return }
    if !piece.isTrailers {
      body.count += content.count
      body.digest.update(content.array)
    }
    open[side] = body
    if piece.isLast { close(side) }
  }

  mutating func cutShort(from side: Side, _ raw: Span<UInt8>) { close(side) }
  mutating func broken(_ violation: Violation, from side: Side, _ raw: Span<UInt8>) {}
  mutating func opaque(from side: Side, _ raw: Span<UInt8>) {}

  mutating func close(_ side: Side) {
    guard let body = open[side] else { return }
    open[side] = nil
    told[side].append("\(body.line) \(body.count) \(body.digest.hex)")
  }
}

@Suite(.enabled(if: !Library.all.isEmpty, "the captures beside the project are not here")) struct HTTPTruthTests {
  /// Where we differ on purpose, and why.
  static let deliberate: [String: String] = [
    "corpus/http-suri-connect-simple 127.0.0.1 60464": "what goes through a tunnel is not of this session",
    "corpus/http-zeek-connect-smtp 79.26.245.236 3378": "a line without a colon is no field",
  ]

  static let pages =
    (try? Library.all.filter { try Library.truth($0).contains { $0.protocol == "http" && $0.messages?.isEmpty == false } }) ?? []

  @Test(arguments: pages) func `what was said is what others heard`(name: String) throws {
    let conversations = try Library.conversations(name)
    for truth in try Library.truth(name) where truth.protocol == "http" {
      guard let messages = truth.messages, !messages.isEmpty, Self.deliberate["\(name) \(truth.client)"] == nil else { continue }
      let conversation = try #require(conversations.first { $0.isOf(truth) })
      #expect(Registry.recognise(conversation.glimpse)?.name == "http", "\(truth.client)")
      var listener = WireListener()
      var follower = Follower(HTTP().begin(.stream))
      if conversation.origin.isPartial { for side in Side.allCases { follower.lost(0, from: side, into: &listener) } }
      for (event, bytes) in conversation.events {
        switch event {
        case .bytes(_, let side, _): follower.receive(bytes.span, from: side, into: &listener)
        case .gap(_, let side, let count, _): follower.lost(count, from: side, into: &listener)
        case .ended(_, let side, let ending, _): follower.end(side, ending, into: &listener)
        default: break
        }
      }
      follower.abandon(into: &listener)
      for side in Side.allCases { listener.close(side) }
      // The truth fills gaps.
      for side in Side.allCases where !conversation.hasGap(side) {
        let expected = messages.filter { $0.dir == side.letter.lowercased() && $0.isProper }.map { message in
          "\(message.text ?? "")"
            + (message.wire_headers.map { " +\($0) \(message.wire_body_len ?? 0) \(message.wire_body_sha256 ?? "")" } ?? "")
        }
        let heard = zip(listener.told[side], expected).map {
          $1.contains(" +") ? $0 : $0.split(separator: " +").first.map(String.init) ?? ""
        }
        #expect(heard + listener.told[side].dropFirst(expected.count) == expected, "\(truth.client) \(truth.server) \(side)")
      }
    }
  }
}

extension Truth.Message {
  /// Of lines that are no request's the truth has some, with other words for what is wrong.
  fileprivate var isProper: Bool { dir == "s" || text?.wholeMatch(of: /\S+ +\S.* HTTP\/1\.\d/) != nil }
}

extension Listening.Conversation {
  fileprivate func hasGap(_ side: Side) -> Bool {
    events.contains { event, _ in if case .gap(_, side, _, _) = event { true } else { false } }
  }
}
