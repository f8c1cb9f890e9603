package import Transcript

/// A stretch of a message that is not the same in every run, or must not be shown.
package struct Mark: Sendable, Hashable {
  package enum Place: Sendable, Hashable {
    /// A line of the head.
    case head(Int)
    /// A line of a part, counted from 0.
    case part(String, line: Int)
  }

  package enum Meaning: Sendable, Hashable {
    /// Another value of that type in each run; `name` is what it is called where it comes again.
    case varies(ValueType, name: String)
    /// The same, where no type fits.
    case matches(String, name: String)
    /// Somebody's name, a host, an address: a variable of the transcript.
    case names(String)
    /// The length of the step's payload, in bytes: `BDAT 86 LAST`.
    case size
    /// The endpoint of a secondary connection: `${data}`.
    case endpoint
    /// A password as it stands; whose, where that is known. Else that of the user who was named last.
    case secret(of: [UInt8]?)
    /// A secret that the server gives, and the client gives back: bound where it stands, without an example.
    case givesSecret(of: [UInt8])
    /// The result of a function.
    case call(Function, [Argument])
  }

  package enum Argument: Sendable, Hashable {
    /// A variable with that name, and its value.
    case names(String, [UInt8])
    case secret(of: [UInt8]?)
    /// A secret that could be read, so that it can be found elsewhere, too.
    case password([UInt8], of: [UInt8]?)
    /// A value that an earlier mark of that name bound.
    case bound(String)
  }

  package var place: Place
  /// Offsets within the line.
  package var range: Range<Int>
  package var meaning: Meaning

  package init(_ place: Place, _ range: Range<Int>, _ meaning: Meaning) {
    self.place = place
    self.range = range
    self.meaning = meaning
  }
}
