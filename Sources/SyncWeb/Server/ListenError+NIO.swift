import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

extension ListenError {
    /// What the system said when the port was asked for; nil for an error that is none of the port's.
    init?(_ error: any Error, at address: ListenAddress) {
        switch error {
        case let error as ListenError: self = error
        case let error as IOError:
            switch error.errnoCode {
            case EADDRINUSE: self = .taken(address)
            case EACCES, EPERM: self = .noRight(address)
            case EADDRNOTAVAIL: self = .notOurs(address)
            default: self = .other(address, String(cString: strerror(error.errnoCode)))
            }
        case is SocketAddressError, is SocketAddressError.UnknownHost: self = .unknownHost(address.host)
        default: return nil
        }
    }
}
