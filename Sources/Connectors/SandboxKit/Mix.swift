/// Hashes that stand in for random numbers: the same question always gets the same answer.
package enum Mix {
    /// The finaliser of SplitMix64 over both words.
    @inline(__always)
    package static func hash(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var word = left &+ (right &+ 1) &* 0x9E37_79B9_7F4A_7C15
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word &>> 31)
    }

    @inline(__always)
    static func hash(_ seed: UInt64, _ index: Int) -> UInt64 {
        hash(seed, UInt64(bitPattern: Int64(index)))
    }

    /// A number from 0 to `bound - 1`; 0 when there is none.
    @inline(__always)
    package static func below(_ bound: Int, _ hash: UInt64) -> Int {
        bound <= 1 ? 0 : Int(UInt64(bound).multipliedFullWidth(by: hash).high)
    }

    @inline(__always)
    static func strikes(_ thousandths: Int, _ hash: UInt64) -> Bool {
        thousandths > 0 && below(1000, hash) < thousandths
    }

    /// FNV-1a, for keys and entity tags.
    static func hash(_ bytes: [UInt8]) -> UInt64 {
        bytes.withUnsafeBufferPointer { hash($0, basis) }
    }

    static func hash(_ text: String, _ seed: UInt64 = basis) -> UInt64 {
        var text = text
        return text.withUTF8 { hash($0, seed) }
    }

    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325

    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ seed: UInt64) -> UInt64 {
        var word = seed
        var index = 0
        while index < bytes.count {
            word = (word ^ UInt64(bytes[index])) &* 0x100_0000_01B3
            index += 1
        }
        return word
    }
}
