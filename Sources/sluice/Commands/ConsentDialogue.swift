import ConnectorKit
import Connectors
import Foundation
import SyncCore
import SyncEngine

/// What is said and asked while a person allows the app in the browser: the address to open, and the one that the
/// browser came back to.
struct ConsentDialogue {
    private let given: Access
    private let redirect: String
    private let state: ConsentState

    /// Whether tokens are missing that only a person can bring.
    static func isNeeded(for access: Access, of account: String?) throws -> Bool {
        let type = try Catalog.connectors.type(of: access.platform)
        let connector = try type.init(configuration: access.configuration)
        let now = SystemWallClock().now
        guard connector.consent(access.credential, redirect: "", at: now) != nil else { return false }
        if type.missing(from: access.credential) != nil { return true }
        guard account != nil else {
            throw Exit.usage(
                said(
                    "Give --account, the account that the tokens are of, or leave the tokens out to open accounts "
                        + "anew."))
        }
        return false
    }

    init(_ given: Access, redirect: String) throws {
        guard redirect.hasPrefix("https://") || redirect.hasPrefix("http://"), !redirect.contains("#") else {
            throw Exit.usage(said("--redirect is an address that begins with https:// and has no # in it."))
        }
        self.given = given
        self.redirect = redirect
        self.state = ConsentState(given.credential)
    }

    /// What the browser came back with, checked to be an answer to us.
    func returned(_ callback: String?) async throws -> [(name: String, value: String)] {
        let address = try callback ?? ask()
        let query = address.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" && !$0.isWhitespace }
        let returned = FormCoding.decode(String(query))
        guard state.isOurs(returned, at: SystemWallClock().now) else {
            throw Exit.usage(
                said(
                    "This address does not belong to a consent that was begun here within the last hour. Begin anew: "
                        + "sluice connect \(given.platform)."))
        }
        return returned
    }

    private func ask() throws -> String {
        let connector = try Catalog.connectors.type(of: given.platform).init(configuration: given.configuration)
        let now = SystemWallClock().now
        let back = state.added(to: redirect, at: now, RandomSource())
        guard let consent = connector.consent(given.credential, redirect: back, at: now) else {
            throw Exit.usage(said("There is nothing to allow at this platform."))
        }
        let minutes = Int(consent.validFor.inSeconds / 60)
        Console.out(
            said("Open this address in a browser within \(minutes) minutes, choose the shop and allow the app:"))
        let base = given.baseURL.hasSuffix("/") ? String(given.baseURL.dropLast()) : given.baseURL
        Console.out(base + consent.target)
        Console.error(
            said(
                "Then paste the address that the browser came back to, even if its page does not open, and press "
                    + "Enter:"))
        while let line = readLine() {
            if !line.allSatisfy(\.isWhitespace) { return line.trimmingCharacters(in: .whitespaces) }
        }
        throw Exit.usage(
            said("No address came. Give it with --callback, within ten minutes: its code does not work for longer."))
    }
}
