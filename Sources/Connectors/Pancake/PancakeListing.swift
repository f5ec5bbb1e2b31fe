import ConnectorKit
import SyncCore

/// One chunk: the conversations of a page, and with each page of them the chunks that read their messages.
struct PancakeListing {
    let work: ChunkWork
    let connector: PancakeConnector

    private var page: String { work.account.externalID }
    /// Days that are read again because they are not what Pancake counts are named by their first moment.
    private var mode: PancakeMode {
        var mode = PancakeMode(work.spec.mode)
        if work.spec.mode.hasPrefix(PancakeMode.days), let days = work.spec.days, let zone = try? work.account.zone() {
            mode.range = PancakeRange(since: days.first.start(in: zone).seconds, isNamed: true)
        }
        return mode
    }

    private var scan: PancakeScan {
        CursorText.decode(PancakeScan.self, work.cursor)
            ?? PancakeScan(since: mode.range.since)
    }

    func call() -> Call {
        let scan = scan
        var items: [(String, String)] = []
        if let after = scan.after { items.append(("last_conversation_id", after)) }
        if let until = scan.until { items.append(("until", "\(until)")) }
        return connector.requests.conversations(of: page, items, work.credential)
    }

    func read(_ answer: PancakeAnswer) -> Reading {
        guard let conversations = answer.list("conversations"),
            let read = try? connector.readers[.conversations]?.read(
                answer.response.body, at: .list("conversations"), context: ["account_id": page, "page_id": page],
                currency: work.account.currency)
        else { return refused(answer) }
        var scan = scan
        let listed = conversations.compactMap(PancakeConversation.init)
        let (wanted, step) = scan.take(listed.map(\.row))
        var notes = read.notes(on: .conversations, of: PancakePlatform.platform.name, isFirst: work.cursor == nil)
        if step == .lost {
            notes.append(
                Note("listing_lost", "Pancake repeats its list of conversations: older ones could not be read."))
        }
        var reading = Reading(next(scan, step), tables: read.table.received > 0 ? [read.table] : [], notes: notes)
        reading.deliveries = PancakeDeliveries(work: work).conversations(answer.response.body)
        if mode.readsMessages { reading.follow = threads(wanted.map { listed[$0] }) }
        return reading
    }

    private func next(_ scan: PancakeScan, _ step: PancakeScan.Step) -> Reading.Next {
        guard step != .goesOn else { return .more(cursor: CursorText.encode(scan)) }
        let isWhole = mode.range == PancakeRange() && step == .done
        let mark = !mode.range.isNamed && step == .done ? scan.mark : nil
        return .finished(
            Reading.Finish(
                isComplete: isWhole, changedUpTo: mark.map { Instant(microseconds: $0) },
                alongside: mode.readsMessages ? [.messages] : []))
    }

    private func threads(_ conversations: [PancakeConversation]) -> [ChunkSpec] {
        var known: Set<String> = []
        let each = conversations.filter { known.insert($0.id).inserted }
        return stride(from: 0, to: each.count, by: PancakeThreads.most).map { start in
            let some = each[start..<min(start + PancakeThreads.most, each.count)]
            return PancakeThreads(since: mode.range.since, some.map { (id: $0.id, customer: $0.customer) })
                .spec(work.spec.phase)
        }
    }

    private func refused(_ answer: PancakeAnswer) -> Reading {
        guard let error = PancakeError(answer) else {
            return Reading(
                .failed(
                    .retryNow(
                        Failure.Cause(code: "\(answer.response.status)", "Pancake's answer holds no conversations."))))
        }
        return PancakeRefusal(work: work, quota: connector.requests.pageQuota(page)).reading(of: error)
    }
}

/// What a listing must know of a conversation.
struct PancakeConversation {
    var id: String
    var customer: String
    var changed: Instant?

    /// Nil for what has no id.
    init?(_ tree: JSONTree) {
        guard let id = tree["id"]?.string else { return nil }
        self.id = id
        customer = tree["customer_id"]?.string ?? ""
        changed = tree["updated_at"]?.string.flatMap(PancakeTime.instant)
    }

    var row: PancakeScan.Row { PancakeScan.Row(id: id, changed: changed?.microseconds) }
}

enum PancakeTime {
    /// Reads `2025-11-05T02:13:07.412000`, in UTC, with up to six digits or none behind the second, a Z or none.
    static func instant(_ text: String) -> Instant? {
        var text = text.replacing(" ", with: "T")
        if text.hasSuffix("Z") { text.removeLast() }
        return Instant(iso: text + "Z")
    }
}

/// What follows from a refusal of a page's call.
struct PancakeRefusal {
    let work: ChunkWork
    let quota: QuotaKey

    func reading(of error: PancakeError) -> Reading {
        let failure = error.ofPage(work, quota)
        guard case .retryAt(let moment, let cause) = failure else { return Reading(.failed(failure)) }
        // Whoever else works on the page keeps away as well.
        return Reading(
            .failed(failure), signals: [.blocked(quota, until: moment)], notes: [Note("token_fight", cause.message)])
    }
}
