import SyncCore
import SyncEngine
import Wording

/// What a worker says: a line for each thing that matters, on standard output, for people or for machines.
struct WorkerLog: Sendable {
    let json: Bool

    /// `event` is a word for machines; the members are theirs, the text is for both.
    func line(_ event: String, _ text: String, _ members: [(String, JSONLine.Value)] = []) {
        let now = SystemWallClock().now
        guard json else { return Console.out("\(now) \(text)") }
        Console.out(
            JSONLine([("at", .instant(now)), ("event", .text(event))] + members + [("text", .text(text))]).text)
    }

    /// Tells what happens as it comes, until there is no more. `store` knows the accounts by name.
    func follow(_ news: AsyncStream<EngineNews>, _ store: any ConnectionStore) async {
        var known: [AccountID: String] = [:]
        for await each in news {
            var account: String?
            if let id = each.account {
                if known[id] == nil, let found = try? await store.account(id) {
                    known[id] = "\(found.platform) \(found.externalID)"
                }
                account = known[id]
            }
            tell(each, account)
        }
    }

    private func tell(_ news: EngineNews, _ account: String?) {
        let words = Words.current
        func members(_ chunk: ClaimedChunk, _ failure: Failure) -> [(String, JSONLine.Value)] {
            [("chunk_id", .number(Int(chunk.id.value))), ("class", .text(failure.name))]
        }
        func job(_ id: JobID) -> [(String, JSONLine.Value)] {
            [("job_id", .number(Int(id.value))), ("account", .text(account))]
        }
        switch news {
        case .jobStarted(let started):
            line("job_started", words.started(started, account), job(started.id))
        case .jobFinished(let finished):
            let numbers: [(String, JSONLine.Value)] = [
                ("status", .text(finished.state.rawValue)), ("completed_chunks", .number(finished.completedChunks)),
                ("failed_chunks", .number(finished.failedChunks)), ("rows", .number(finished.rowsReceived)),
                ("requests", .number(finished.spent.requests)),
            ]
            line("job_finished", words.finished(finished, account), job(finished.id) + numbers)
        case .jobStuck(let id, let error):
            line("job_stuck", words.stuck(id, error), job(id))
        case .connectionParked(let connection, let cause):
            line(
                "connection_parked", words.parked(connection, cause),
                [("platform", .text(connection.platform.rawValue)), ("connection", .text(connection.name))])
        case .chunkFailed(let chunk, let failure):
            line("chunk_failed", words.failed(chunk, failure), job(chunk.job) + members(chunk, failure))
        case .chunkNotWritten(let chunk, let failure):
            line("chunk_not_written", words.notWritten(chunk, failure), job(chunk.job) + members(chunk, failure))
        case .rescued(let report):
            line(
                "chunks_rescued", words.rescued(report),
                [("rescued", .number(report.rescued.count)), ("set_aside", .number(report.quarantined.count))])
        case .storeAway(let error): line("database_away", words.away(error))
        case .storeBack(let length): line("database_back", words.back(after: length))
        case .storeLost(let error): line("database_lost", words.lost(error))
        }
    }
}

extension EngineNews {
    fileprivate var account: AccountID? {
        switch self {
        case .jobStarted(let job), .jobFinished(let job): job.definition.account
        case .chunkFailed(let chunk, _), .chunkNotWritten(let chunk, _): chunk.account
        case .jobStuck, .connectionParked, .rescued, .storeAway, .storeBack, .storeLost: nil
        }
    }
}
