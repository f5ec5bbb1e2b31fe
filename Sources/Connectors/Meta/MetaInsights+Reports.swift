import ConnectorKit
import SyncCore

/// Asynchronous reports: submit, look until they are done, read, and give up on those that fail or stand
/// still (meta.md 4).
extension MetaInsights {
    /// At 0 % for so long means stuck.
    static let stuckAtZero: Int64 = 300
    /// No movement for so long means stuck, wherever it stands.
    static let stuckAnywhere: Int64 = 900
    /// A run is given up after an hour, Meta's own retries included.
    static let longest: Int64 = 3600
    /// A run's id is of no use after 30 days; a day is kept in hand.
    static let expiry: Int64 = 29 * 86_400

    private var now: Int64 { task.work.now.seconds }

    // MARK: Submission

    func readSubmission(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        let body = JSONTree.parse(response.body)
        if (200..<300).contains(response.status), let body, body["error"] == nil,
            let id = (body["report_run_id"] ?? body["id"])?.string, !id.isEmpty
        {
            var next = cursor
            next.run = Run(id: id, submittedAt: now, movedAt: now, absent: absent(cursor))
            next.position = nil
            next.tries = 0
            return later(MetaInsights.interval(elapsed: 0, percent: 0), next, response)
        }
        let error = MetaError(status: response.status, body: response.body)
        if let reading = common(error, response, cursor) { return reading }
        switch error.kind {
        case .tooBig: return narrower(response, cursor)
        case .flaky:
            guard cursor.tries >= 3 else { return pause(response, cursor) }
            return narrower(response, cursor)
        case .perhapsTooBig where error.subcode != nil: return perhapsTooBig(error, response, cursor)
        // A run that was never accepted says nothing of its size: fields must not be given up for an outage.
        default: return failed(error, response)
        }
    }

    private func pause(_ response: WireResponse, _ cursor: Cursor, _ seconds: Int? = nil) -> Reading {
        var next = cursor
        next.tries += 1
        return later(.seconds(seconds ?? 2 << min(next.tries, 4)), next, response)
    }

    // MARK: Status

    func readStatus(_ response: WireResponse, _ cursor: Cursor, _ run: Run) -> Reading {
        let body = JSONTree.parse(response.body)
        guard (200..<300).contains(response.status), let body, body["error"] == nil,
            let status = body["async_status"]?.string
        else { return badStatus(MetaError(status: response.status, body: response.body), response, cursor, run) }
        var next = cursor
        next.tries = 0
        let isCompleted = status.lowercased() == "job completed"
        let percent = body["async_percent_completion"]?.int ?? (isCompleted ? 100 : run.percent)
        switch status.lowercased() {
        case "job completed" where percent >= 100:
            next.run?.isDone = true
            return more(next, response)
        case "job failed": return failedRun(body, response, next)
        case "job skipped": return resubmit(response, next, most: 3)
        default: return running(percent, response, next, run)
        }
    }

    private func running(_ percent: Int, _ response: WireResponse, _ cursor: Cursor, _ run: Run) -> Reading {
        guard now - run.submittedAt < MetaInsights.longest else { return narrower(response, cursor) }
        var run = run
        if percent > run.percent {
            run.percent = percent
            run.movedAt = now
        }
        let patience = run.percent == 0 ? MetaInsights.stuckAtZero : MetaInsights.stuckAnywhere
        guard now - run.movedAt < patience else { return resubmit(response, cursor, most: 2) }
        var next = cursor
        next.run = run
        let elapsed = now - run.submittedAt
        // Runs that take minutes say that enough of them are under way.
        let load = QuotaSignal.use(task.quotas.key(.reports), Double(elapsed) / Double(MetaInsights.stuckAtZero))
        return later(
            MetaInsights.interval(elapsed: elapsed, percent: run.percent), next, response, told: [load])
    }

    /// Until the next look: what the run should still take by its percentage, or half of what it took so far,
    /// within 10 and 30 s (meta.md 4).
    ///
    /// Each run is looked at in a call of its own. A batch of looks would count as many calls for every limit, and
    /// would need chunks that know of each other, to save round trips that nobody waits for.
    static func interval(elapsed: Int64, percent: Int) -> Duration {
        let expected = percent > 0 ? elapsed * Int64(100 - min(percent, 100)) / Int64(percent) : elapsed / 2
        return .seconds(min(30, max(10, expected)))
    }

    /// Since v25.0 a failed run says why (meta.md 0.8).
    private func failedRun(_ body: JSONTree, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        let code = body["error_code"]?.int
        let subcode = body["error_subcode"]?.int ?? MetaError.subcode(in: code)
        let error = MetaError(
            status: 200, code: code, subcode: subcode, message: body["error_message"]?.string ?? "")
        switch error.kind {
        case .tooBig: return narrower(response, cursor)
        case .configuration, .oldVersion: return failed(error, response)
        case .tooOld, .permission: return common(error, response, cursor) ?? failed(error, response)
        case .throttled(let throttle):
            // The run is lost; a new one waits until the limit opens.
            var next = cursor
            next.run = nil
            return later(
                .seconds(60), next, response,
                told: [task.blocked(by: throttle, MetaInsights.families, MetaUsage(response))])
        default:
            if let reading = common(error, response, cursor) { return reading }
            // Parts by fields come of runs that failed twice.
            return resubmit(response, cursor, most: task.work.spec.fields == nil ? 1 : 0)
        }
    }

    private func badStatus(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor, _ run: Run) -> Reading {
        switch error.kind {
        case .gone, .noSuchPath:
            // Right after the submission the run may not be visible yet.
            guard cursor.tries < 5, now - run.submittedAt < 120 else { return expired(response, cursor) }
            return pause(response, cursor, 1)
        case .request, .badCursor, .notReady, .flaky, .perhapsTooBig, .aborted, .tooBig:
            guard cursor.tries < 5 else { return resubmit(response, cursor, most: 2) }
            return pause(response, cursor, 5)
        case .permission: return common(error, response, cursor) ?? failed(error, response)
        default:
            guard now - run.submittedAt < MetaInsights.expiry else { return expired(response, cursor) }
            return failed(error, response)
        }
    }

    // MARK: Results

    /// Errors while the rows of a finished run are read.
    func badResult(_ error: MetaError, _ response: WireResponse, _ cursor: Cursor) -> Reading {
        switch error.kind {
        case .tooBig: return smallerPage(response, cursor) ?? narrower(response, cursor)
        case .perhapsTooBig: return perhapsTooBig(error, response, cursor)
        case .badCursor: return fromTheStart(error, response, cursor)
        case .gone, .noSuchPath: return expired(response, cursor)
        case .notReady, .flaky, .request, .aborted:
            // Not readable yet although complete, or "cannot include … in summary": both pass, or the run is lost.
            guard cursor.tries < 5 else { return resubmit(response, cursor, most: 2) }
            return pause(response, cursor)
        default: return failed(error, response)
        }
    }

    // MARK: Giving up on a run

    /// A new run of the same; after `most` of them the chunk is cut smaller.
    private func resubmit(_ response: WireResponse, _ cursor: Cursor, most: Int) -> Reading {
        guard cursor.resubmits < most else { return narrower(response, cursor) }
        var next = fresh(cursor)
        next.resubmits += 1
        return later(.seconds(1), next, response)
    }

    /// The run is too old or unknown: nobody's fault.
    private func expired(_ response: WireResponse, _ cursor: Cursor) -> Reading {
        guard cursor.resubmits < 5 else { return narrower(response, cursor) }
        var next = fresh(cursor)
        next.resubmits += 1
        return later(.seconds(1), next, response)
    }

    private func fresh(_ cursor: Cursor) -> Cursor {
        var next = cursor
        next.run = nil
        next.position = nil
        next.tries = 0
        return next
    }
}
