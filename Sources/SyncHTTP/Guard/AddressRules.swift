/// Where an address that a person gave may lead: into the internet, and nowhere else. Not to this machine, not to its
/// neighbours, not to the services that clouds answer on link-local addresses.
///
/// After the registries of special addresses (IANA, RFC 6890 and its additions). Of IPv6 only the global unicast space
/// is open, and what carries an IPv4 address in it counts as that.
package enum AddressRules {
    /// `address` is 4 or 16 bytes in network order.
    package static func allows(_ address: [UInt8]) -> Bool {
        switch address.count {
        case 4: !closedV4.contains { $0.holds(address) }
        case 16: allowsV6(address)
        default: false
        }
    }

    private static func allowsV6(_ address: [UInt8]) -> Bool {
        // IPv4 in IPv6 (RFC 4291), and that which a gateway translates (RFC 6052).
        if mapped.holds(address) || translated.holds(address) { return allows(Array(address.suffix(4))) }
        return global.holds(address) && !closedV6.contains { $0.holds(address) }
    }

    private struct Block: Sendable {
        let bytes: [UInt8]
        let length: Int

        init(_ bytes: [UInt8], _ length: Int) {
            self.bytes = bytes
            self.length = length
        }

        func holds(_ address: [UInt8]) -> Bool {
            for bit in 0..<length {
                let mask = UInt8(0x80) >> UInt8(bit % 8)
                let wanted = bit / 8 < bytes.count ? bytes[bit / 8] : 0
                if address[bit / 8] & mask != wanted & mask { return false }
            }
            return true
        }
    }

    private static let closedV4 = [
        Block([0], 8),  // this network
        Block([10], 8), Block([172, 16], 12), Block([192, 168], 16),  // private
        Block([100, 64], 10),  // shared by carriers; a cloud's metadata
        Block([127], 8),  // this machine
        Block([169, 254], 16),  // link-local; metadata of clouds
        Block([192, 0, 0], 24), Block([192, 0, 2], 24), Block([192, 88, 99], 24),
        Block([198, 18], 15), Block([198, 51, 100], 24), Block([203, 0, 113], 24),
        Block([224], 4), Block([240], 4),  // several at once; kept back, and all at once
    ]

    private static let mapped = Block([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96)
    private static let translated = Block([0, 0x64, 0xFF, 0x9B], 96)
    private static let global = Block([0x20], 3)
    private static let closedV6 = [
        Block([0x20, 0x01], 23),  // protocols, Teredo among them
        Block([0x20, 0x01, 0x0D, 0xB8], 32), Block([0x3F, 0xFF], 20),  // examples
        Block([0x20, 0x02], 16),  // 6to4: leads to an IPv4 address
    ]
}
