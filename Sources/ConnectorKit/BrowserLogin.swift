package import SyncCore

/// Signing in with an app that the operator has registered at a platform: a page of the platform's asks the person, the
/// browser comes back to an address of ours with a code, and two calls make a credential of it that lasts.
package protocol BrowserLogin: Sendable {
    /// What the operator knows of the app, under the names of the environment's variables.
    static var fields: [CredentialField] { get }

    /// What the page asks for.
    static var scopes: [String] { get }

    /// Nil where something of the app is missing.
    init?(app: Credential)

    /// The whole address of the page. `baseURL` is where the platform's API is reached.
    func page(at baseURL: String, redirect: String, state: String, asksAgain: Bool) -> String

    /// What the browser came back with: a code, or why there is none.
    func code(in returned: [(name: String, value: String)]) -> Result<String, Failure>

    /// The call that gets a token for a code; `redirect` is that of the page, to the last sign.
    func exchange(code: String, redirect: String) -> Call

    /// Reads the answer to `exchange`: the call that gets a token in its place which lasts.
    func lengthening(_ response: WireResponse, at now: Instant) -> Result<Call, Failure>

    /// Reads the answer to that.
    func credential(_ response: WireResponse, at now: Instant) -> Result<Credential, Failure>

    /// Settings of the connection that come with the app.
    var configuration: [String: String] { get }
}
