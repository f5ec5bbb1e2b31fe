package import Hummingbird
import NIOCore
package import SyncCore
package import Wording

/// One call to the server, with what is known of who makes it.
package struct WebContext: RequestContext, RemoteAddressRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let remoteAddress: SocketAddress?
    let channel: any Channel
    /// Where the call comes from: the other end, or whom the proxy before us names. Nil for what comes through no
    /// network.
    var address: String?
    /// Nil until it is known, and for everybody who is not signed in.
    package var visitor: Visitor?
    package var words = Words(language: .english)
    /// What is called, where the fields that a program sends are to be those of the document.
    var asked: Operation?
    /// The answer is for a program.
    package var wantsJSON = true
    /// A form or a JSON object; none of ours is large.
    package var maxUploadSize: Int { 256 * 1024 }

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
        remoteAddress = channel.remoteAddress
        address = remoteAddress?.ipAddress
    }
}

/// Who makes a call, and in which workspace. Made only by `Authentication`: whoever holds one may look at what belongs
/// to its workspace, and at nothing else.
package struct Visitor: Sendable {
    package let user: User
    package let role: Role
    package let workspace: Workspace
    let means: Means

    /// How it was shown who that is.
    enum Means: Sendable {
        /// The session's hash.
        case session(String)
        case token(APIToken)
    }

    init(user: User, role: Role, workspace: Workspace, means: Means) {
        self.user = user
        self.role = role
        self.workspace = workspace
        self.means = means
    }

    /// As lists show who did something.
    package var actor: String {
        switch means {
        case .session: user.name
        case .token(let token): "\(user.name) (\(token.name))"
        }
    }

    /// For the record of who did what: names change, and two people may have the same.
    var signature: String {
        switch means {
        case .session: user.signature
        case .token(let token): "\(user.signature) (\(token.name))"
        }
    }

    var isProgram: Bool { session == nil }

    var session: String? {
        if case .session(let hash) = means { hash } else { nil }
    }

    /// A token can never do more than its maker, nor more than its scopes.
    func may(_ right: Right) -> Bool {
        guard role >= right.role else { return false }
        guard case .token(let token) = means else { return true }
        return !Set(token.scopes).isDisjoint(with: right.scopes)
    }
}

extension User {
    var signature: String { "\(name) <\(email)>" }
}

/// What a route asks for.
enum Right: Sendable {
    case look, act, own

    var role: Role {
        switch self {
        case .look: .viewer
        case .act: .operator
        case .own: .owner
        }
    }

    /// Each scope holds those before it.
    var scopes: Set<TokenScope> {
        switch self {
        case .look: [.read, .run, .admin]
        case .act: [.run, .admin]
        case .own: [.admin]
        }
    }
}
