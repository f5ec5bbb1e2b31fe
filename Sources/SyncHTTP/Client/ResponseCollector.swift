import AsyncHTTPClient
import ConnectorKit
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization

/// Gathers one answer on the connection's event loop, so that a call costs one thread switch however many
/// pieces its body comes in, and each byte is copied once.
final class ResponseCollector: HTTPClientResponseDelegate {
    typealias Response = WireResponse

    private let maxBody: Int
    private let isHead: Bool
    private let gathered = Mutex(WireResponse(status: 0, body: []))

    /// `isHead`: the announced length is that of a body which will not come.
    init(maxBody: Int, isHead: Bool) {
        self.maxBody = maxBody
        self.isHead = isHead
    }

    func didReceiveHead(task: HTTPClient.Task<WireResponse>, _ head: HTTPResponseHead) -> EventLoopFuture<Void> {
        let announced = isHead ? 0 : head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        guard announced <= maxBody else { return tooLarge(task) }
        gathered.withLock { response in
            response.status = Int(head.status.code)
            for (name, value) in head.headers {
                guard let name = HTTPField.Name(name) else { continue }
                response.headers.append(HTTPField(name: name, value: value))
            }
            response.body.reserveCapacity(max(0, announced))
        }
        return task.eventLoop.makeSucceededVoidFuture()
    }

    func didReceiveBodyPart(task: HTTPClient.Task<WireResponse>, _ buffer: ByteBuffer) -> EventLoopFuture<Void> {
        let fits = gathered.withLock { response in
            guard response.body.count + buffer.readableBytes <= maxBody else { return false }
            buffer.withUnsafeReadableBytes { response.body.append(contentsOf: $0) }
            return true
        }
        return fits ? task.eventLoop.makeSucceededVoidFuture() : tooLarge(task)
    }

    func didFinishRequest(task: HTTPClient.Task<WireResponse>) throws -> WireResponse {
        gathered.withLock { response in
            let whole = response
            response.body = []
            return whole
        }
    }

    private func tooLarge(_ task: HTTPClient.Task<WireResponse>) -> EventLoopFuture<Void> {
        task.eventLoop.makeFailedFuture(TransportError.tooLarge(limit: maxBody))
    }
}
