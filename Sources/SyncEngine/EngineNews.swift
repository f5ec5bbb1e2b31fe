package import SyncCore

/// What people who run a worker should hear of at once. Each is told by the one process that did it, so that the logs
/// of many machines together say it once.
package enum EngineNews: Sendable {
    case jobStarted(Job)
    case jobFinished(Job)
    /// Nothing can be planned for it until somebody acts; told once.
    case jobStuck(JobID, EngineError)
    case connectionParked(Connection, Failure.Cause)
    case chunkFailed(ClaimedChunk, Failure)
    /// The database refused what was to be written of it; it is tried again.
    case chunkNotWritten(ClaimedChunk, Failure)
    case rescued(RescueReport)
    /// The database does not answer any more; told once until it is back.
    case storeAway(StoreError)
    case storeBack(after: Duration)
    /// The database cannot be used any more: the engine ends.
    case storeLost(StoreError)
}
