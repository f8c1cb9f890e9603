import ArgumentParser
import Glibc
import Replique
import Transcript
import Wire

/// Options' values, with errors that say what to write.
enum Parsing {
  static func grade(_ text: String) throws -> Grade {
    guard let grade = Grade(rawValue: text) else {
      throw CallError("--gate \(printable(text)): write note, drift, divergence or violation")
    }
    return grade
  }

  static func duration(_ text: String, option: String) throws -> Duration {
    guard let duration = Duration(transcript: text), duration > .zero else {
      throw CallError("\(option) \(printable(text)): write a time like 500ms, 10s or 2m")
    }
    return duration
  }

  static func count(_ number: Int, option: String, limit: Int) throws -> Int {
    guard (1...limit).contains(number) else { throw CallError("\(option) \(number): write a number from 1 to \(limit)") }
    return number
  }

  static func address(_ text: String, option: String) throws -> Address {
    guard let address = Address(text) else {
      throw CallError("\(option) \(printable(text)): write an address like 203.0.113.7 or 2001:db8::7")
    }
    return address
  }

  static func ports(_ text: String, option: String) throws -> ClosedRange<UInt16> {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
    guard ends.count == 2, let low = ends[0], let high = ends[1], low > 0, low <= high else {
      throw CallError("\(option) \(printable(text)): write two ports, the lower one first, like 50000-50100")
    }
    return low...high
  }

  static func color(_ text: String) throws -> Bool {
    switch text {
    case "always": return true
    case "never": return false
    case "auto": return Console.isTerminal && getenv("NO_COLOR").map { unsafe $0.pointee == 0 } ?? true
    default: throw CallError("--color \(printable(text)): write auto, always or never")
    }
  }
}
