#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Rows in PostgreSQL's binary COPY format, in one piece of memory that is used again and again.
///
/// A row is `beginRow(fields:)` and then that many fields in the order of the COPY's columns. The type of each must be
/// exactly that of its column: eight bytes for a `bigint` are refused by an `integer`.
package struct PostgresCopyBuffer: ~Copyable {
    /// From this size on the bytes are sent.
    private static let pieceSize = 128 * 1024

    private var memory: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Gets the bytes to the server.
    private let send: (UnsafeRawBufferPointer) throws(PostgresError) -> Void

    init(_ send: @escaping (UnsafeRawBufferPointer) throws(PostgresError) -> Void) {
        memory = .allocate(byteCount: PostgresCopyBuffer.pieceSize * 2, alignment: 16)
        self.send = send
        appendHeader()
    }

    private init(bytes: Int) {
        memory = .allocate(byteCount: bytes, alignment: 16)
        send = { _ in }
    }

    deinit { memory.deallocate() }

    /// The binary form of an array, for a parameter. `body` adds its elements, as many as it says: they look like the
    /// fields of rows.
    static func list(
        of type: PostgresType, count: Int, _ body: (inout PostgresCopyBuffer) throws -> Void
    ) rethrows -> [UInt8] {
        var buffer = PostgresCopyBuffer(bytes: 20 + 32 * count)
        // One dimension, no flags, the elements' type, how many there are, the number of the first.
        for word in [1, 0, Int32(bitPattern: type.oid), Int32(count), 1] { buffer.store(word) }
        try body(&buffer)
        return Array(UnsafeRawBufferPointer(rebasing: buffer.memory[..<buffer.count]))
    }

    package mutating func beginRow(fields: Int) throws(PostgresError) {
        if count >= PostgresCopyBuffer.pieceSize { try flush() }
        reserve(2)
        store(Int16(truncatingIfNeeded: fields))
    }

    package mutating func appendNull() {
        reserve(4)
        store(Int32(-1))
    }

    package mutating func appendInt64(_ value: Int64) { append(value) }
    package mutating func appendInt32(_ value: Int32) { append(value) }
    package mutating func appendDouble(_ value: Double) { append(value.bitPattern) }
    package mutating func appendBool(_ value: Bool) { append(UInt8(value ? 1 : 0)) }

    /// A `date`, in days since 1970.
    package mutating func appendDate(days: Int32) { append(days - PostgresTime.epochDays) }

    /// A `timestamptz`, in microseconds since 1970.
    package mutating func appendTimestamp(microseconds: Int64) { append(microseconds - PostgresTime.epochMicroseconds) }

    /// A `text` or `json`, in UTF-8; U+0000 becomes U+FFFD.
    package mutating func appendText(_ text: UnsafeBufferPointer<UInt8>) {
        appendText(UnsafeRawBufferPointer(text), version: nil)
    }

    package mutating func appendText(_ text: String) {
        var text = text
        text.withUTF8 { appendText($0) }
    }

    /// A `jsonb`, in UTF-8.
    package mutating func appendJSONB(_ text: UnsafeBufferPointer<UInt8>) {
        appendText(UnsafeRawBufferPointer(text), version: 1)
    }

    package mutating func appendBytes(_ bytes: UnsafeRawBufferPointer) {
        reserve(4 + bytes.count)
        store(Int32(bytes.count))
        copy(bytes)
    }

    /// Sends what there is, and the mark of the end.
    mutating func finish() throws(PostgresError) {
        reserve(2)
        store(Int16(-1))
        try flush()
    }

    private mutating func flush() throws(PostgresError) {
        try send(UnsafeRawBufferPointer(rebasing: memory[..<count]))
        count = 0
    }
}

extension PostgresCopyBuffer {
    private mutating func appendHeader() {
        // The signature catches transfers that change bytes; then no flags and no extension.
        Array("PGCOPY\n".utf8).withUnsafeBytes { copy($0) }
        for byte: UInt8 in [0xFF, 0x0D, 0x0A, 0] { store(byte) }
        store(Int32(0))
        store(Int32(0))
    }

    private mutating func append<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
        reserve(4 + MemoryLayout<Number>.size)
        store(Int32(MemoryLayout<Number>.size))
        store(value)
    }

    private mutating func appendText(_ text: UnsafeRawBufferPointer, version: UInt8?) {
        let hasNull = text.baseAddress.map { memchr($0, 0, text.count) != nil } ?? false
        let nulls = hasNull ? text.count(where: { $0 == 0 }) : 0
        let length = text.count + nulls * (replacementCharacter.count - 1) + (version == nil ? 0 : 1)
        reserve(4 + length)
        store(Int32(length))
        if let version { store(version) }
        if nulls == 0 {
            copy(text)
        } else {
            for byte in text {
                if byte == 0 { replacementCharacter.withUnsafeBytes { copy($0) } } else { store(byte) }
            }
        }
    }

    /// Makes room for so many bytes more. Only a value as long as a whole piece makes the memory grow.
    private mutating func reserve(_ bytes: Int) {
        if count + bytes > memory.count { grow(bytes) }
    }

    private mutating func grow(_ bytes: Int) {
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(memory.count * 2, count + bytes), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[..<count]))
        memory.deallocate()
        memory = larger
    }

    /// In network order; the room is there.
    private mutating func store<Number: FixedWidthInteger & BitwiseCopyable>(_ value: Number) {
        memory.storeBytes(of: value.bigEndian, toByteOffset: count, as: Number.self)
        count += MemoryLayout<Number>.size
    }

    private mutating func copy(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}
