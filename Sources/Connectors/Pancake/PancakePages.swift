package import ConnectorKit
package import SyncCore

/// The list of a user's pages, which comes grouped or flat (platforms.md 2.2).
struct PancakePages {
    let work: ChunkWork
    let connector: PancakeConnector

    /// A page as it was listed.
    struct Page {
        var id: String
        var isActive: Bool
        var tree: JSONTree
    }

    /// Nil for an answer that is no list of pages.
    static func list(_ answer: PancakeAnswer) -> [Page]? {
        guard PancakeError(answer) == nil, let tree = answer.tree else { return nil }
        let groups = tree["categorized"]
        guard tree["pages"]?.items != nil || groups != nil else { return nil }
        let active = (groups?["activated"]?.items ?? []).compactMap { page($0, isActive: true) }
        let flat = (tree["pages"]?.items ?? []).compactMap { page($0, isActive: $0["is_activated"] != .bool(false)) }
        let inactive = (groups?["inactivated"]?.items ?? []).compactMap { page($0, isActive: false) }
        var known: Set<String> = []
        return (active + flat + inactive).filter { known.insert($0.id).inserted }
    }

    private static func page(_ tree: JSONTree, isActive: Bool) -> Page? {
        tree["id"]?.string.map { Page(id: $0, isActive: isActive, tree: tree) }
    }

    /// The one row that is about the account's own page.
    func read(_ answer: PancakeAnswer) -> Reading {
        guard let pages = PancakePages.list(answer) else {
            return Reading(.failed(PancakePages.failure(answer, connector, at: work.answeredAt)))
        }
        guard let page = pages.first(where: { $0.id == work.account.externalID }),
            let read = try? connector.readers[PancakeSchemas.pages.id]?.read(
                Array(page.tree.compact.utf8), at: .single(""), context: ["account_id": page.id],
                currency: work.account.currency)
        else {
            let note = Note("page_missing", "Pancake does not list this page for this user any more.")
            return Reading(.finished(Reading.Finish(isComplete: false)), notes: [note])
        }
        let notes = read.notes(on: PancakeSchemas.pages.id, of: PancakePlatform.platform.name, isFirst: true)
        return Reading(.finished(Reading.Finish()), tables: [read.table], notes: notes)
    }

    static func failure(_ answer: PancakeAnswer, _ connector: PancakeConnector, at now: Instant) -> Failure {
        guard let error = PancakeError(answer) else {
            return .retryNow(Failure.Cause(code: "\(answer.response.status)", "Pancake's answer holds no pages."))
        }
        return error.ofUser(connector.requests.userQuota, at: now)
    }
}

/// What is asked outside of a job. The list of pages tells all of it, and whether the credential works.
extension PancakeConnector {
    package func call(for question: Question, cursor: String?, credential: Credential, at now: Instant) -> Call {
        requests.pages(credential)
    }

    package func answer(
        _ response: WireResponse, to question: Question, cursor: String?, credential: Credential, at now: Instant
    ) -> Answer {
        let answer = PancakeAnswer(response, PancakePhones(.keep, of: credential))
        guard let pages = PancakePages.list(answer) else {
            return .failed(PancakePages.failure(answer, self, at: now))
        }
        switch question {
        case .account(let id):
            return pages.first { $0.id == id }.map { .account(facts($0)) } ?? .failed(.gone(unknown))
        case .accounts: return .accounts(pages.map(facts), next: nil)
        case .credential: return .credential(credentialFacts(credential, at: now))
        }
    }

    private func facts(_ page: PancakePages.Page) -> AccountFacts {
        AccountFacts(
            externalID: page.id, name: page.tree["name"]?.string ?? page.id, currency: AccountFacts.severalCurrencies,
            zoneName: zoneName, warning: page.isActive ? nil : "This page is not active in Pancake.",
            isActive: page.isActive, handle: page.tree["username"]?.string)
    }

    private var unknown: Failure.Cause {
        Failure.Cause(
            code: "", "Pancake does not list this page for the user of this token.",
            advice: "Ask an admin of the page in Pancake to add that user.")
    }

    private func credentialFacts(_ credential: Credential, at now: Instant) -> CredentialFacts {
        let end = credential["token"].flatMap(PancakeToken.expiry)
        let left = end.map { Int(($0 - now).inSeconds / 86_400) }
        let endings = left.flatMap { left in
            (0..<15).contains(left) ? ["The token ends in \(left) days: make a new one before."] : nil
        }
        return CredentialFacts(isValid: true, expiresAt: end, endings: endings ?? [])
    }
}
