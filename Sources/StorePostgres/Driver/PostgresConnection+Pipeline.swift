import CPostgres

extension PostgresConnection {
    /// How many runs may be under way: enough to fill the network, few enough for both sides' memory.
    private static let window = 256
    /// After how many runs the server is asked to send what it has.
    private static let flushEvery = 32

    /// Runs one statement for each list of values, without waiting for one answer before the next is sent; calls
    /// `body` with the number of the run and each row, in order.
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
        let name = try preparedName(statement, deadline(timeout))
        try send { PQenterPipelineMode(handle) }
        var run = Pipeline(statement: statement, name: name, timeout: timeout)
        do {
            try send(rows, &run, body)
            try leavePipeline(&run, body)
        } catch let error as PostgresError where run.failure == nil || !isUsable {
            // Thrown on the way, and not kept to the end: there is no way back to one answer for one statement.
            let wasUsable = isUsable
            abandon()
            throw wasUsable ? error : self.error(error, loss)
        }
        return run.affectedRows
    }

    private func send(
        _ rows: [[PostgresValue]], _ run: inout Pipeline, _ body: (Int, PostgresRow) throws -> Void
    ) throws {
        if run.name == nil {
            // One unnamed statement for all runs: it lives until the pipeline ends, behind a pooler too.
            try send { run.statement.withText { PQsendPrepare(handle, "", $0, 0, nil) } }
            run.expected.append(.preparation)
        }
        for (index, values) in rows.enumerated() where run.failure == nil {
            try send { send(run.statement, run.name ?? "", values) }
            run.expected.append(.run(index))
            if index % PostgresConnection.flushEvery == 0 { PQsendFlushRequest(handle) }
            while run.failure == nil && run.expected.count >= PostgresConnection.window { try receive(&run, body) }
        }
    }

    /// Ends the pipeline and reads all that is still to come, also after an error: only then is the connection good
    /// for something else.
    private func leavePipeline(_ run: inout Pipeline, _ body: (Int, PostgresRow) throws -> Void) throws {
        try send { PQpipelineSync(handle) }
        run.expected.append(.end)
        while !run.expected.isEmpty { try receive(&run, body) }
        guard PQexitPipelineMode(handle) == 1 else {
            abandon()
            throw PostgresError(.lost)
        }
        if let failure = run.failure { throw failure }
    }

    /// Takes the next result. An error is kept until the pipeline is left.
    private func receive(_ run: inout Pipeline, _ body: (Int, PostgresRow) throws -> Void) throws {
        let result = try nextInPipeline(run.timeout)
        switch result.status {
        // The end of the pipeline, or of what an error has cut off.
        case PGRES_PIPELINE_SYNC: run.expected.removeAll()
        case PGRES_PIPELINE_ABORTED: run.expected.takeFirst()
        case _ where result.isError:
            let error = failure(result)
            guard isUsable else { throw error }
            run.failure = run.failure ?? error
            run.expected.takeFirst()
        default:
            let step = run.expected.takeFirst()
            guard run.failure == nil, case .run(let index) = step else { return }
            run.affectedRows += result.affectedRows
            do {
                try result.forEachRow { try body(index, $0) }
            } catch {
                run.failure = error
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

/// A pipeline under way.
private struct Pipeline {
    enum Step { case preparation, run(Int), end }

    let statement: PostgresStatement
    let name: String?
    let timeout: Duration?
    var expected = Queue<Step>()
    var failure: (any Error)?
    var affectedRows = 0
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
