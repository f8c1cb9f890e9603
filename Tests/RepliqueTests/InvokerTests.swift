import Capture
import Testing

@testable import Replique

@Suite struct InvokerTests {
  private static let users: [UInt32: OrdinaryUser] = [
    1000: OrdinaryUser(name: "alice", id: 1000, group: 100), 33: OrdinaryUser(name: "www", id: 33, group: 33),
  ]

  /// Who root is given up to.
  private func found(effective: UInt32 = 0, real: UInt32 = 0, _ environment: [String: String] = [:], knowsNobody: Bool = true)
    -> OrdinaryUser?
  {
    Invoker.find(
      .init(
        effective: effective, real: real, environment: { environment[$0] }, user: { Self.users[$0] },
        named: { knowsNobody ? OrdinaryUser(name: $0, id: 99, group: 98) : nil }))
  }

  @Test func `who is not root gives nothing up, whatever is said`() {
    #expect(found(effective: 1000, real: 1000, ["SUDO_UID": "33", "SUDO_GID": "33"]) == nil)
  }

  @Test func `root is given up to who called sudo, in the group they had`() {
    #expect(found(["SUDO_UID": "1000", "SUDO_GID": "27"]) == OrdinaryUser(name: "alice", id: 1000, group: 27))
    #expect(found(["SUDO_UID": "1000"]) == OrdinaryUser(name: "alice", id: 1000, group: 100))
  }

  @Test func `a user without an entry is known by number`() {
    #expect(found(["SUDO_UID": "4711", "SUDO_GID": "12"]) == OrdinaryUser(name: "#4711", id: 4711, group: 12))
  }

  @Test(arguments: ["0", "-1", "4294967295", "4294967296", "", "alice", " 1000"])
  func `root is given up to nobody where no other user called sudo`(id: String) {
    #expect(found(["SUDO_UID": id, "SUDO_GID": "1000"]) == OrdinaryUser(name: "nobody", id: 99, group: 98))
  }

  @Test func `nobody has a number even where the system has no entry`() {
    #expect(found(knowsNobody: false) == OrdinaryUser(name: "nobody", id: 65_534, group: 65_534))
  }

  @Test func `a program that is root's by its file works for who started it, whatever the environment says`() {
    #expect(found(real: 33, ["SUDO_UID": "1000", "SUDO_GID": "0"]) == OrdinaryUser(name: "www", id: 33, group: 33))
  }
}
