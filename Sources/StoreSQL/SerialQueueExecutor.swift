package import Dispatch

/// Runs an actor's jobs one after another on a dispatch queue of its own, so that a database that blocks
/// never blocks the cooperative pool. (`DispatchSerialQueue` does not exist on Linux.)
package final class SerialQueueExecutor: SerialExecutor {
    /// For work that no task waits for.
    package let queue: DispatchQueue

    package init(label: String) {
        queue = DispatchQueue(label: label)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    package func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
