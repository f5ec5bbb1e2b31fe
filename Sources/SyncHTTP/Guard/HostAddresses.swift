#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The addresses of a host, as the system knows them. Blocks.
enum HostAddresses {
    struct Unknown: Error {}

    static func all(of host: String) throws -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { throw Unknown() }
        defer { freeaddrinfo(list) }
        var addresses: [[UInt8]] = []
        var next = list
        while let entry = next {
            if let address = bytes(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        return addresses
    }

    /// The address stands behind family and port; in IPv6 behind the flow's number, too.
    private static func bytes(_ entry: addrinfo) -> [UInt8]? {
        guard let address = entry.ai_addr else { return nil }
        let (offset, length): (Int, Int)
        switch entry.ai_family {
        case AF_INET: (offset, length) = (4, 4)
        case AF_INET6: (offset, length) = (8, 16)
        default: return nil
        }
        guard Int(entry.ai_addrlen) >= offset + length else { return nil }
        return Array(UnsafeRawBufferPointer(start: UnsafeRawPointer(address) + offset, count: length))
    }
}
