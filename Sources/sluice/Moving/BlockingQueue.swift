import StoreSQL

/// A thread for work that blocks on databases and files from begin to end, so that the cooperative pool goes on.
actor BlockingQueue {
    private let executor = SerialQueueExecutor(label: "sluice.moving")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    func run<Value: Sendable>(_ body: @Sendable () throws -> Value) throws -> Value { try body() }
}
