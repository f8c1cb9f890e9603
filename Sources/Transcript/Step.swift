package import Wire

/// One step of a conversation, with everything that was written beside it.
package struct Step: Sendable, Hashable {
  package enum Action: Sendable, Hashable {
    case say(Message)
    /// One transfer on a secondary connection, from that side.
    case data(Side, Payload)
    /// As the first step: no connection can be made.
    case connect(NoConnection)
    case tls(TLSOptions)
    /// From here on the connection speaks this dialect.
    case speak(String)
    /// By now that side has ended its direction.
    case close(Side)
    case reset(Side)
    case silence(Duration)
    case pause(Duration)
  }

  package enum NoConnection: String, Sendable, Hashable, CaseIterable { case refused, timeout, unreachable }

  package struct TLSOptions: Sendable, Hashable {
    package var sni: Text?
    package var verify: Bool?
    package var alpn: [String] = []
    package init() {}
  }

  package var action: Action
  /// Where the step's value stands: what a difference points at.
  package var place: Place
  /// Heads that are as right.
  package var alternatives: [Text] = []
  package var has: [Text] = []
  package var lacks: [Text] = []
  package var isOptional = false
  package var unordered = false
  package var exact = false
  package var within: Duration?
  /// What a kind of difference counts here.
  package var grades: [String: Grade] = [:]
  package var name: String?
  package var cite: String?
  package var about: String?

  package init(_ action: Action, at place: Place = .nowhere) {
    self.action = action
    self.place = place
  }

  /// The message, where the step is one.
  package var message: Message? { if case .say(let message) = action { message } else { nil } }
}

extension Step {
  /// All its texts: what is said first, then what is asked of it.
  package var texts: [Text] {
    switch action {
    case .say(let message): message.texts + alternatives + has + lacks
    case .data(_, let payload): payload.texts
    case .tls(let options): options.sni.map { [$0] } ?? []
    case .connect, .speak, .close, .reset, .silence, .pause: []
    }
  }
}
