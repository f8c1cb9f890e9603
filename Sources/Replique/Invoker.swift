import Capture
import Glibc

/// Who a program that was started as root works for.
enum Invoker {
  /// What the system knows of users, and what a call says of itself.
  struct Surroundings {
    var effective: UInt32
    var real: UInt32
    var environment: (String) -> String?
    var user: (UInt32) -> OrdinaryUser?
    var named: (String) -> OrdinaryUser?
  }

  /// - Returns: nil where we are not root. Else whoever called sudo, and nobody where that was root itself, or no one; whoever the program was
  ///   started by, where it is root's by a bit of its file.
  static func find(_ surroundings: Surroundings = .actual) -> OrdinaryUser? {
    guard surroundings.effective == 0 else { return nil }
    guard surroundings.real == 0 else { return user(surroundings.real, surroundings) }
    // Whoever is root may say so; it is sudo that does.
    if let id = surroundings.environment("SUDO_UID").flatMap(UInt32.init), isOrdinary(id) {
      var found = user(id, surroundings)
      if let group = surroundings.environment("SUDO_GID").flatMap(UInt32.init), group != .max { found.group = group }
      return found
    }
    return surroundings.named("nobody") ?? OrdinaryUser(name: "nobody", id: nobody, group: nobody)
  }

  /// One that the system has no entry for is known by its number, and in a group of the same number.
  private static func user(_ id: UInt32, _ surroundings: Surroundings) -> OrdinaryUser {
    surroundings.user(id) ?? OrdinaryUser(name: "#\(id)", id: id, group: id)
  }

  /// The largest number means none.
  private static func isOrdinary(_ id: UInt32) -> Bool { id != 0 && id != .max }

  private static let nobody: UInt32 = 65_534
}

extension Invoker.Surroundings {
  static var actual: Self {
    Self(
      effective: geteuid(), real: getuid(),
      environment: { name in unsafe getenv(name).map { unsafe String(cString: $0) } },
      user: { unsafe getpwuid($0).map { unsafe OrdinaryUser($0.pointee) } },
      named: { unsafe getpwnam($0).map { unsafe OrdinaryUser($0.pointee) } })
  }
}

extension OrdinaryUser {
  fileprivate init(_ entry: passwd) {
    self.init(name: unsafe String(cString: entry.pw_name), id: entry.pw_uid, group: entry.pw_gid)
  }
}
