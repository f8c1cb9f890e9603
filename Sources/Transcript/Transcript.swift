package import Wire

/// The script of one or more conversations between a client and a server. One that exists was read whole and can be played.
package struct Transcript: Sendable {
  package var title: String?
  package var about: String?
  package var tags: [String] = []
  package var cite: String?
  package var vars: [Variable] = []
  package var gate: Grade?
  package var grades: [String: Grade] = [:]
  /// What no other transcript may use meanwhile.
  package var locks: [String] = []
  /// In the order in which they are played. One without a name where the file has a plain `exchange`.
  package var conversations: [Conversation]
  /// The file it was read from, as the user named it, and every file that it includes.
  package var sources: [SourceText] = []

  package init(conversations: [Conversation]) { self.conversations = conversations }

  /// The file it was read from, as the user named it.
  package var file: String { sources.first?.file ?? "" }
}

/// A named value of a transcript. Without one it has to be given with `--var`.
package struct Variable: Sendable, Hashable {
  package var name: String
  package var value: Text?
  package var place: Place

  package init(_ name: String, _ value: Text?, at place: Place = .nowhere) {
    self.name = name
    self.value = value
    self.place = place
  }
}

package struct Conversation: Sendable {
  package var name: String?
  package var dialect: String
  package var target: Text?
  package var transport: Transport?
  package var proxy: Text?
  package var gate: Grade?
  package var grades: [String: Grade] = [:]
  /// The deadline for each reply.
  package var within: Duration?
  package var needs: [String] = []
  /// Played again on a new connection until nothing diverges or this is over.
  package var retry: Duration?
  package var source: Source?
  package var about: String?
  package var cite: String?
  package var vars: [Variable] = []
  package var steps: [Step]
  package var place: Place

  package init(dialect: String, steps: [Step], at place: Place = .nowhere) {
    self.dialect = dialect
    self.steps = steps
    self.place = place
  }
}

/// Where a conversation was recorded. Replay never connects to what it names.
package struct Source: Sendable, Hashable {
  /// Relative to the transcript.
  package var capture: String?
  package var sha256: String?
  /// The first packet, in RFC 3339.
  package var at: String?
  package var client: String?
  package var server: String?
  /// As `replique show CAPTURE` numbers it.
  package var stream: Int?
  /// The replique that wrote this.
  package var by: String?
  /// Conversations it stands for.
  package var count: Int?

  package init() {}
}
