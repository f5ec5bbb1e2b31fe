import SyncCore
import SyncEngine
import SyncTestKit
import Testing

@Suite("Vault")
struct VaultTests {
    private let values = ["token": Secret("EAAB-hunter2-the-token"), "app_secret": Secret("ümläut ✓")]

    private func vault(_ byte: UInt8 = 7, retired: [UInt8] = [], seed: UInt64 = 1) throws -> Vault {
        try Vault(
            master: Secret(Array(repeating: byte, count: 32)),
            retired: retired.map { Secret(Array(repeating: $0, count: 32)) },
            random: RandomSource(SeededGenerator(seed: seed)))
    }

    private func message(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch EngineError.sealed(let text) {
            return text
        } catch {
            return "\(error)"
        }
    }

    @Test("What is sealed can be opened again")
    func roundTrip() throws {
        let vault = try vault()

        let sealed = try vault.seal(values, for: "meta/default")

        #expect(try vault.open(sealed, for: "meta/default") == values)
        #expect(try vault.open(vault.seal([:], for: "x"), for: "x").isEmpty)
    }

    @Test("A key that opens not one of the connections is another than that of those who work with them")
    func check() throws {
        let (ours, theirs) = (try vault(7), try vault(8))
        let connections = try [ours, theirs].map { vault in
            Connection(
                id: ConnectionID(1), platform: PlatformID("acme"), name: "default", baseURL: "http://acme",
                sealed: try vault.seal(values, for: "acme/default/http://acme"), version: 1, configuration: [:])
        }

        #expect(message { try ours.check([]) } == nil)
        #expect(message { try ours.check(connections) } == nil)
        #expect(message { try ours.check([connections[1]]) }?.contains("another master key") == true)
        #expect(message { try vault(9, retired: [8]).check([connections[1]]) } == nil)
    }

    @Test("No part of a secret, nor its name, nor the master key stands in the sealed bytes")
    func noPlaintext() throws {
        let sealed = try vault().seal(values, for: "meta/default")
        let needles = ["hunter2", "EAAB", "token", "app_secret"].map { Array($0.utf8) } + [[7, 7, 7, 7, 7, 7]]

        for needle in needles {
            let windows = sealed.indices.dropLast(needle.count - 1).map { sealed[$0..<$0 + needle.count] }
            #expect(!windows.contains { $0.elementsEqual(needle) })
        }
    }

    @Test("The same secret sealed twice looks different")
    func fresh() throws {
        let vault = try vault()

        let first = try vault.seal(values, for: "meta/default")
        let second = try vault.seal(values, for: "meta/default")

        #expect(zip(first.dropFirst(5), second.dropFirst(5)).count { $0 == $1 } < 20)
    }

    @Test("A change of any byte is noticed")
    func tampering() throws {
        let vault = try vault()
        let sealed = try vault.seal(values, for: "meta/default")

        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 0x10
            #expect(throws: EngineError.self, "byte \(index)") { try vault.open(changed, for: "meta/default") }
        }
    }

    @Test("Sealed bytes of any shorter length are damaged, not a crash")
    func wrongLength() throws {
        let vault = try vault()
        let sealed = try vault.seal(values, for: "meta/default")

        for length in 0..<sealed.count {
            let text = message { _ = try vault.open(Array(sealed.prefix(length)), for: "meta/default") }
            #expect(text?.contains("damaged") == true, "\(length) bytes")
        }
        #expect(message { _ = try vault.open(sealed + [0], for: "meta/default") }?.contains("damaged") == true)
    }

    @Test("A sealed credential cannot be moved to another connection")
    func otherSubject() throws {
        let vault = try vault()
        let sealed = try vault.seal(values, for: "meta/default")

        #expect(message { _ = try vault.open(sealed, for: "meta/other") }?.contains("damaged") == true)
    }

    @Test("Another master key is told apart from damage")
    func otherKey() throws {
        let sealed = try vault(7).seal(values, for: "meta/default")

        let text = message { _ = try vault(8).open(sealed, for: "meta/default") }

        #expect(text?.contains("another master key") == true)
        #expect(text?.contains("SLUICE_SECRET_KEY") == true)
    }

    @Test("A retired key still opens what it sealed, and the key in use seals what is new")
    func retiredKey() throws {
        let old = try vault(7)
        let rotated = try vault(8, retired: [6, 7], seed: 2)
        let sealed = try old.seal(values, for: "meta/default")

        #expect(try rotated.open(sealed, for: "meta/default") == values)
        let renewed = try rotated.seal(values, for: "meta/default")
        #expect(try vault(8).open(renewed, for: "meta/default") == values)
        #expect(throws: EngineError.self) { try old.open(renewed, for: "meta/default") }
    }

    @Test("A master key of another length is refused with the variable's name", arguments: [0, 16, 31, 33])
    func keyLength(length: Int) throws {
        let error = #expect(throws: EngineError.self) {
            try Vault(master: Secret(Array(repeating: 1, count: length)), random: RandomSource())
        }

        #expect(error?.description.contains("SLUICE_SECRET_KEY") == true)
    }
}
