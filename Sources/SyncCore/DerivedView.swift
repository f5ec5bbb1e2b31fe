/// A view over the tables of some streams and what stands beside them, made with the tables on every engine: what
/// follows from stored rows is not stored once more.
package struct DerivedView: Sendable, Hashable {
    package let name: String
    /// It is made where all of them have their tables.
    package let streams: [StreamID]
    /// The first is that of the account.
    package let columns: [Column]
    /// SQL that all engines read. `{minutes since x}` stands for the minutes from the moment `x` until now.
    package let select: String
    /// What it adds to `ad_performance_daily`, where it has rows of days; nil for nothing.
    package let performance: StreamSchema.Performance?
    /// One sentence for the documentation.
    package let summary: String

    package init(
        _ name: String, of streams: [StreamID], columns: [Column], select: String,
        performance: StreamSchema.Performance? = nil, summary: String
    ) {
        precondition(columns.first?.type == .text, "\(name): the account first")
        self.name = name
        self.streams = streams
        self.columns = columns
        self.select = select
        self.performance = performance
        self.summary = summary
    }
}
