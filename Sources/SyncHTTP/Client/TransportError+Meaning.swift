import AsyncHTTPClient
import ConnectorKit
import NIOCore
import NIOHTTP1
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension TransportError {
    /// What an error of the network stack means to the engine. Texts name the host and the kind of the
    /// failure only: errors of the stack may repeat header values.
    static func meaning(of error: any Error, host: String) -> any Error {
        switch error {
        case let error as TransportError: error
        case is CancellationError: error
        case let error as HTTPClientError: meaning(ofClient: error, host: host)
        case let error as NIOConnectionError: meaning(ofConnecting: error, host: host)
        case let error as IOError: meaning(ofErrno: error.errnoCode, host: host)
        case let error as ChannelError: meaning(ofChannel: error, host: host)
        // The answer ended before its announced length, or was not HTTP.
        case is HTTPParserError: TransportError.connectionReset
        default: meaning(ofOther: error, host: host)
        }
    }

    private static func meaning(ofClient error: HTTPClientError, host: String) -> any Error {
        switch error {
        case .cancelled, .alreadyShutdown: CancellationError()
        case .deadlineExceeded, .readTimeout, .writeTimeout: TransportError.timedOut
        // The call was never made, so that it was not too much either.
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            TransportError.noConnection(to: host)
        case .remoteConnectionClosed, .requestStreamCancelled, .bodyLengthMismatch, .uncleanShutdown:
            TransportError.connectionReset
        default: TransportError.unreachable("The call to \(host) could not be made: \(error.shortDescription).")
        }
    }

    private static func meaning(ofConnecting error: NIOConnectionError, host: String) -> TransportError {
        let causes = error.connectionErrors.map(\.error)
        guard let first = causes.first else {
            return .unreachable("The host \(host) is unknown: its name could not be looked up.")
        }
        // A name has several addresses; one that refuses says more than one without a route.
        let refused = causes.contains { ($0 as? IOError)?.errnoCode == ECONNREFUSED }
        if refused { return .connectionRefused }
        switch first {
        case let cause as IOError: return meaning(ofErrno: cause.errnoCode, host: host)
        case let cause as ChannelError: return meaning(ofChannel: cause, host: host)
        default: return .unreachable("No connection to \(host) could be made.")
        }
    }

    private static func meaning(ofErrno code: CInt, host: String) -> TransportError {
        switch code {
        case ECONNREFUSED: .connectionRefused
        case ETIMEDOUT: .noConnection(to: host)
        case ENETUNREACH, EHOSTUNREACH, ENETDOWN: .unreachable("There is no route to \(host).")
        case EMFILE, ENFILE: .unreachable("The process has no file descriptor left for a connection to \(host).")
        default: .connectionReset
        }
    }

    private static func meaning(ofChannel error: ChannelError, host: String) -> TransportError {
        if case .connectTimeout = error { .noConnection(to: host) } else { .connectionReset }
    }

    private static func noConnection(to host: String) -> TransportError {
        .unreachable("No connection to \(host) came about in time.")
    }

    /// Errors of libraries that this target does not link by name: TLS and decompression.
    private static func meaning(ofOther error: any Error, host: String) -> TransportError {
        let kind = String(reflecting: type(of: error))
        guard kind.contains("SSL") else { return .connectionReset }
        let text = String(describing: error)
        if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
            return .unreachable("The certificate of \(host) was refused.")
        }
        return text.contains("uncleanShutdown")
            ? .connectionReset : .unreachable("No secure connection to \(host) could be made.")
    }
}
