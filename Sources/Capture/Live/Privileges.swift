import CPcap
import Glibc

/// A user who has no power over the machine.
package struct OrdinaryUser: Sendable, Hashable {
  package var name: String
  package var id: UInt32
  package var group: UInt32

  package init(name: String, id: UInt32, group: UInt32) {
    self.name = name
    self.id = id
    self.group = group
  }
}

/// What opening an interface takes, and reading it does not.
package enum Privileges {
  /// From root to a user, for good.
  ///
  /// To be called before there are threads: users are those of all threads, but capabilities of each its own.
  ///
  /// - Throws: where something of root's stays; then nothing more may be done.
  package static func giveUp(to user: OrdinaryUser) throws(PrivilegeError) {
    // In this order: once the user is another, groups cannot be changed any more.
    guard unsafe initgroups(user.name, user.group) == 0 else { throw PrivilegeError("initgroups", errno) }
    guard setgid(user.group) == 0 else { throw PrivilegeError("setgid", errno) }
    guard setuid(user.id) == 0 else { throw PrivilegeError("setuid", errno) }
    try giveUpCapabilities()
    let isRegained = setuid(0) == 0 || seteuid(0) == 0 || user.group != 0 && (setgid(0) == 0 || setegid(0) == 0)
    guard !isRegained, getuid() == user.id, geteuid() == user.id, getgid() == user.group, getegid() == user.group else {
      throw PrivilegeError("root could be regained", 0)
    }
  }

  /// Those of the calling thread, which is not root's.
  package static func giveUpCapabilities() throws(PrivilegeError) {
    guard replique_drop_capabilities() == 0 else { throw PrivilegeError("capset", errno) }
  }
}

package struct PrivilegeError: Error, Sendable, CustomStringConvertible {
  package let description: String

  init(_ call: String, _ code: CInt) {
    description = code == 0 ? call : "\(call): \(unsafe String(cString: strerror(code)))"
  }
}
