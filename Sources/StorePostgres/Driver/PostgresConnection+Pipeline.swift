import CPostgres

extension PostgresConnection {
    /// How many runs may be under way: enough to fill the network, few enough for both sides' memory.
    private static let window = 256
    /// After how many runs the server is asked to send what it has.
    private static let flushEvery = 32

    /// How many runs may wait to be sent.
    private static let mostKept = 1024

    /// Runs one statement for each list of values, without waiting for one answer before the next is sent; calls
    /// `body` with the number of the run and each row, in order. It must not run anything on this connection.
    ///
    /// The first error ends it and is thrown. Outside of a transaction all runs are one: all or nothing. If `body`
    /// throws, runs that were sent have happened, so use it inside a transaction then.
    /// - Parameter timeout: how long the server may be silent; not for all runs together.
    /// - Returns: rows changed or returned by all runs.
    @discardableResult
    package func executeEach(
        _ statement: PostgresStatement, rows: [[PostgresValue]], timeout: Duration? = nil,
        _ body: (Int, PostgresRow) throws -> Void = { _, _ in }
    ) throws -> Int {
        guard !rows.isEmpty else { return 0 }
        let loss = isInTransaction ? Loss.nothing : .commit
        return try withoutActuallyEscaping(body) { body in
            try pipeline([PostgresRun(statement, rows)], timeout, loss, body).affectedRows
        }
    }

    /// Runs a statement whose answer nobody wants together with the next one that is waited for: no round trip of its
    /// own. Only inside a transaction, whose commit waits for all; what goes wrong is thrown there or before.
    package func later(_ run: PostgresRun) throws {
        guard !run.rows.isEmpty else { return }
        kept.append(run)
        if kept.reduce(0, { $0 + $1.rows.count }) > PostgresConnection.mostKept { try sendKept() }
    }

    /// To be called before anything is sent that is not part of a pipeline.
    func sendKept() throws {
        if !kept.isEmpty { _ = try pipeline([], nil, .nothing) { _, _ in } }
    }

    /// Sends what was kept and `runs`, all at once; the answer to the last, which has one list of values.
    func lastAnswer(_ runs: [PostgresRun], _ timeout: Duration?, _ loss: Loss) throws -> PostgresResult {
        let pipeline = try pipeline(runs, timeout, loss, nil)
        guard let last = pipeline.takeLast() else { throw PostgresError(.other, message: "no result") }
        return last
    }

    /// Sends what was kept and `runs`, all at once, and calls `body` with the rows of the last, or keeps its answer.
    private func pipeline(
        _ runs: [PostgresRun], _ timeout: Duration?, _ loss: Loss, _ body: ((Int, PostgresRow) throws -> Void)?
    ) throws -> Pipeline {
        let all = kept + runs
        kept = []
        var steps: [(run: PostgresRun, name: String?)] = []
        for run in all { steps.append((run, try preparedName(run.statement, deadline(timeout)))) }
        try send { PQenterPipelineMode(handle) }
        var pipeline = Pipeline(timeout: timeout)
        do {
            for (index, step) in steps.enumerated() where pipeline.failure == nil {
                try send(step.run, step.name, isLast: index == steps.count - 1, &pipeline, body)
            }
            try leavePipeline(&pipeline, body)
        } catch let error as PostgresError where pipeline.failure == nil || !isUsable {
            // Thrown on the way, and not kept to the end: there is no way back to one answer for one statement.
            let wasUsable = isUsable
            abandon()
            throw wasUsable ? error : self.error(error, loss)
        }
        return pipeline
    }

    private func send(
        _ run: PostgresRun, _ name: String?, isLast: Bool, _ pipeline: inout Pipeline,
        _ body: ((Int, PostgresRow) throws -> Void)?
    ) throws {
        var name = name
        if name == nil, run.rows.count > 1 {
            // One unnamed statement for all its runs: it lives until the next one, behind a pooler too.
            try send { run.statement.withText { PQsendPrepare(handle, "", $0, 0, nil) } }
            pipeline.expected.append(.preparation)
            name = ""
        }
        for (index, values) in run.rows.enumerated() where pipeline.failure == nil {
            try send { send(run.statement, name, values) }
            pipeline.expected.append(isLast ? .wanted(index) : .run)
            if pipeline.expected.count % PostgresConnection.flushEvery == 0 { PQsendFlushRequest(handle) }
            while pipeline.failure == nil && pipeline.expected.count >= PostgresConnection.window {
                try receive(&pipeline, body)
            }
        }
    }

    /// Ends the pipeline and reads all that is still to come, also after an error: only then is the connection good
    /// for something else.
    private func leavePipeline(_ pipeline: inout Pipeline, _ body: ((Int, PostgresRow) throws -> Void)?) throws {
        try send { PQpipelineSync(handle) }
        pipeline.expected.append(.end)
        while !pipeline.expected.isEmpty { try receive(&pipeline, body) }
        guard PQexitPipelineMode(handle) == 1 else {
            abandon()
            throw PostgresError(.lost)
        }
        if let failure = pipeline.failure { throw failure }
    }

    /// Takes the next result. An error is kept until the pipeline is left.
    private func receive(_ pipeline: inout Pipeline, _ body: ((Int, PostgresRow) throws -> Void)?) throws {
        let result = try nextInPipeline(pipeline.timeout)
        let status = result.status
        switch status {
        // The end of the pipeline, or of what an error has cut off.
        case PGRES_PIPELINE_SYNC: pipeline.expected.removeAll()
        case PGRES_PIPELINE_ABORTED: pipeline.expected.takeFirst()
        case _ where result.isError:
            let error = failure(result)
            guard isUsable else { throw error }
            pipeline.failure = pipeline.failure ?? error
            pipeline.expected.takeFirst()
        default:
            guard case .wanted(let index) = pipeline.expected.takeFirst(), pipeline.failure == nil else { return }
            if let body {
                pipeline.affectedRows += result.affectedRows
                do {
                    try result.forEachRow { try body(index, $0) }
                } catch {
                    pipeline.failure = error
                }
            } else {
                pipeline.last = consume result
            }
        }
    }

    /// The next result of a pipeline, in which a nil only separates one run from the next.
    private func nextInPipeline(_ timeout: Duration?) throws(PostgresError) -> PostgresResult {
        for _ in 0..<3 {
            if let result = try nextResult(until: deadline(timeout)) { return result }
        }
        abandon()
        throw PostgresError(.lost)
    }
}

/// A statement, to be run once for each list of values.
package struct PostgresRun: Sendable {
    let statement: PostgresStatement
    let rows: [[PostgresValue]]

    package init(_ statement: PostgresStatement, _ rows: [[PostgresValue]]) {
        self.statement = statement
        self.rows = rows
    }

    package init(_ statement: PostgresStatement, _ values: PostgresValue...) { self.init(statement, [values]) }
}

/// A pipeline under way.
private struct Pipeline: ~Copyable {
    enum Step { case preparation, run, wanted(Int), end }

    let timeout: Duration?
    var expected = Queue<Step>()
    var failure: (any Error)?
    /// Of the last run, as `last` is.
    var affectedRows = 0
    var last: PostgresResult?

    init(timeout: Duration?) { self.timeout = timeout }

    consuming func takeLast() -> PostgresResult? { last.take() }
}

/// First in, first out, without moving the others.
private struct Queue<Element> {
    private var elements: [Element] = []
    private var head = 0

    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ element: Element) { elements.append(element) }

    @discardableResult
    mutating func takeFirst() -> Element? {
        guard !isEmpty else { return nil }
        defer {
            head += 1
            if head > 1024 {
                elements.removeFirst(head)
                head = 0
            }
        }
        return elements[head]
    }

    mutating func removeAll() {
        elements.removeAll()
        head = 0
    }
}
