import ConnectorKit
import SyncCore

extension TransportError {
    var cause: Failure.Cause {
        switch self {
        case .connectionRefused:
            Failure.Cause(code: "refused", "The platform refused the connection.", advice: "Check the base URL.")
        case .connectionReset: Failure.Cause(code: "reset", "The connection was cut before the answer was whole.")
        case .timedOut: Failure.Cause(code: "timeout", "The platform did not answer in time.")
        case .tooLarge(let limit): Failure.Cause(code: "size", "The answer was larger than \(limit) bytes.")
        case .unreachable(let why):
            Failure.Cause(code: "unreachable", "The platform cannot be reached: \(why)", advice: "Check the network.")
        case .forbidden(let host):
            Failure.Cause(
                code: "forbidden", "The address \(host) leads into a network of its own, not into the internet.",
                advice: "Give the public address, or have the operator of Sluice allow this one.")
        }
    }

    /// What it means for the work behind a call.
    var failure: Failure {
        if case .forbidden = self { .permanentConfiguration(cause) } else { .retryNow(cause) }
    }
}
