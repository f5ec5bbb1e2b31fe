import ConnectorKit
import HTTPTypes
import NIOCore
import NIOHTTP1

/// One connection to a sandbox: gathers a request, asks the sandbox, and delivers the answer as it says.
///
/// The pipeline before it holds back a further request until the answer to the last one is written.
final class SandboxConnection<S: Sandbox>: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let desk: SandboxDesk<S>
    private let maxBody: Int
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(desk: SandboxDesk<S>, maxBody: Int) {
        self.desk = desk
        self.maxBody = maxBody
    }

    func channelActive(context: ChannelHandlerContext) {
        desk.countConnection()
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = []
            if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
                let goOn = HTTPResponseHead(version: head.version, status: .continue)
                context.writeAndFlush(wrapOutboundOut(.head(goOn)), promise: nil)
            }
        case .body(let part):
            gather(part, context: context)
        case .end:
            answer(context: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A client that broke off, or something that is not HTTP and was answered with 400 before this.
        context.close(promise: nil)
    }

    private func gather(_ part: ByteBuffer, context: ChannelHandlerContext) {
        guard let head else { return }
        guard body.count + part.readableBytes <= maxBody else {
            self.head = nil
            body = []
            let refusal = WireResponse(status: 413, headers: [.connection: "close"], body: [])
            SandboxDelivery(SandboxReply(refusal), to: head, context: context).begin()
            return
        }
        part.withUnsafeReadableBytes { body.append(contentsOf: $0) }
    }

    private func answer(context: ChannelHandlerContext) {
        guard let head = head.take() else { return }
        let reply = desk.respond(to: WireRequest(head, body: body))
        body = []
        SandboxDelivery(reply, to: head, context: context).begin()
    }
}

extension WireRequest {
    init(_ head: HTTPRequestHead, body: [UInt8]) {
        var fields = HTTPFields()
        fields.reserveCapacity(head.headers.count)
        for (name, value) in head.headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        self.init(.init(head.method.rawValue) ?? .get, head.uri, headers: fields, body: body)
    }
}
