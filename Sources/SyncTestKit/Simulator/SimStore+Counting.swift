import SyncCore

/// States that a run over many seeds must have reached (anchors.md 3.1), as far as one write tells.
extension SimStore {
    func count(_ chunks: [ClaimedChunk]) {
        for chunk in chunks {
            if chunk.cursor != nil { tally.count("resumed_at_cursor") }
            if chunk.spec.mode == "recheck" { tally.count("vanished_entity_looked_for") }
        }
    }

    func count(_ update: ChunkUpdate, _ result: UpdateResult) {
        for note in update.notes { tally.count("note_\(note.kind)") }
        guard case .written(let written) = result else { return countStale(update) }
        if written.deleted > 0 { tally.count("vanished_row_deleted") }
        switch update.outcome {
        case .split(let specs, _): countSplit(specs)
        case .retry:
            tally.count("retried")
            // Three tries come before the queue unless the account has used up its retries.
            if update.spent.retries < 3 { tally.count("retry_budget_empty") }
        case .fail: tally.count("failed_chunk")
        case .handBack: tally.count(process.isStopping ? "handed_back_at_shutdown" : "handed_back_by_itself")
        case .wait(_, _, let reason): tally.count("waited_for_\(reason)")
        case .proceed, .finish: break
        }
    }

    private func countSplit(_ specs: [ChunkSpec]) {
        guard let first = specs.first else { return }
        let way = first.fields != nil ? "fields" : first.entities != nil ? "entities" : "days"
        tally.count("split_by_\(way)")
    }

    private func countStale(_ update: ChunkUpdate) {
        tally.count("stale_write_refused")
        switch update.outcome {
        case .finish: tally.count("rescue_raced_with_completion")
        case .split: tally.count("split_under_lost_lease")
        case .fail: tally.count("failure_under_lost_lease")
        default: break
        }
    }
}
