package import SyncCore

extension PageRead {
    /// What a page had that could not be stored as it should be. New members are told with the first page of a chunk.
    package func notes(on stream: StreamID, of platform: String, isFirst: Bool) -> [Note] {
        var notes: [Note] = []
        if !table.rejected.isEmpty {
            notes.append(
                Note("row_rejected", "\(table.rejected.count) rows of \(stream) had no key and were left out."))
        }
        if !table.misfits.isEmpty {
            let list = table.misfits.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }
            notes.append(
                Note(
                    "value_unreadable",
                    "Some values of \(stream) could not be read and are kept in extra: "
                        + "\(list.joined(separator: ", "))."))
        }
        if isFirst, !table.unknown.isEmpty {
            notes.append(
                Note(
                    "field_unknown",
                    "\(platform) gives \(stream) fields that are new here, kept in extra: "
                        + "\(table.unknown.sorted().joined(separator: ", "))."))
        }
        if repaired > 0 {
            notes.append(
                Note("text_repaired", "\(repaired) pieces of text in \(stream) were not UTF-8 and were repaired."))
        }
        return notes
    }
}
