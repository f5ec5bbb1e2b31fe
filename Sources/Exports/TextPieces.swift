import StoreTransfer

/// Lines of rows, cut into pieces.
struct TextPieces {
    private let form: any RowText
    private var bytes: [UInt8] = []
    private var taken = 0

    init(_ form: some RowText) {
        self.form = form
        form.appendHead(to: &bytes)
    }

    mutating func append(_ batch: RowBatch) throws {
        bytes.removeFirst(taken)
        taken = 0
        try batch.forEach { try form.append($0, to: &bytes) }
    }

    /// A full piece; nil when there is not so much.
    mutating func next(_ size: Int) -> [UInt8]? {
        guard bytes.count - taken >= size else { return nil }
        defer { taken += size }
        return Array(bytes[taken..<taken + size])
    }

    /// What is left, less than a full piece; nil for nothing.
    mutating func rest() -> [UInt8]? {
        guard bytes.count > taken else { return nil }
        defer { bytes = []; taken = 0 }
        return Array(bytes[taken...])
    }
}
