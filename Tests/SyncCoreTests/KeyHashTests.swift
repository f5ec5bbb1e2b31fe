import SyncCore
import Testing

@Suite("Hashes of keys")
struct KeyHashTests {
    /// Hashes are stored, so what they are must never change: eight bytes at a time, the lowest first, then those that
    /// are left, the highest first, then the length.
    private func plain(_ bytes: [UInt8]) -> UInt64 {
        var hash = KeyHash()
        let whole = bytes.count / 8 * 8
        for start in stride(from: 0, to: whole, by: 8) {
            hash.add(bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        hash.add(bytes[whole...].reduce(0) { $0 << 8 | UInt64($1) })
        hash.add(UInt64(bytes.count))
        return hash.value
    }

    @Test("A text of any length has the hash that was stored for it")
    func lengths() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
            var hash = KeyHash()
            bytes.withUnsafeBytes { hash.add($0) }

            #expect(hash.value == plain(bytes), "\(count) bytes")
        }
    }

    @Test("The hash of a word is known")
    func word() {
        var hash = KeyHash()
        hash.add(1)

        #expect(hash.value == 0xAA6B_29D3_A843_BDE7)
    }

    @Test("Texts that differ only in zeros at their end differ")
    func zeros() {
        let hashes = (0..<20).map { count in
            var hash = KeyHash()
            Array(repeating: UInt8(0), count: count).withUnsafeBytes { hash.add($0) }
            return hash.value
        }

        #expect(Set(hashes).count == 20)
    }
}
