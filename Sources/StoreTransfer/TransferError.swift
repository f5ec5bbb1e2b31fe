/// Why a promotion, a backup or a restore does not begin or go on: one sentence for the user.
package enum TransferError: Error, Sendable, Hashable {
    case notAnArchive(String)
    case damaged(String)
    case newerArchive(String)
    case unreadable(String, why: String)
    case unwritable(String, why: String)
    case exists(String)
    case beingWritten(String)
    case holdsData(String, table: String)
    case foreignTable(String, table: String)
    case otherPromotion(String, source: String)
    case othersAtWork(String, count: Int)
    case overtaken
    case misfit(table: String, column: String, value: String)
    case refusedRows(table: String, why: String)
    case strangeColumn(table: String, column: String, type: String)
    case newerRows(table: String, column: String)
    case differs([String])
    case promoted(String, to: String)
    case unfinishedPromotion(source: String)
}

extension TransferError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAnArchive(let path): "\(path) is no backup made by sluice; nothing was changed."
        case .damaged(let path): "The backup \(path) is damaged or cut short; nothing was changed. Use another one."
        case .newerArchive(let path):
            "The backup \(path) was made by a newer sluice; nothing was changed. Use the newer program."
        case .unreadable(let path, let why): "The backup \(path) cannot be read: \(why)."
        case .unwritable(let path, let why): "\(path) cannot be written: \(why)."
        case .exists(let path): "\(path) exists already; nothing was changed. Name another file or add --overwrite."
        case .beingWritten(let path): "Another backup into \(path) is under way; wait for it or name another file."
        case .holdsData(let place, let table):
            "The database \(place) holds data of Sluice already (\(table)); nothing was changed. Name an empty one."
        case .foreignTable(let place, let table):
            "The database \(place) has a table \(table) that is not Sluice's; nothing was changed. Name an empty "
                + "one, or a schema of its own (?options=-csearch_path%3Dsluice)."
        case .otherPromotion(let place, let source):
            "The database \(place) holds an unfinished promotion of \(source); finish that one, or name an empty one."
        case .othersAtWork(let place, let count):
            "Other sluice processes are connected to \(place) (\(count)); stop them and start again."
        case .overtaken: "Another `sluice promote` went on with this promotion; let that one finish."
        case .misfit(let table, let column, let value):
            "The column \(column) of \(table) holds \(value), which the other database cannot hold. Correct that row."
        case .refusedRows(let table, let why):
            "PostgreSQL does not take a row of \(table): \(why). Correct that row."
        case .strangeColumn(let table, let column, let type):
            "The column \(column) of \(table) has the type \(type), which Sluice does not know. Nothing was changed."
        case .newerRows(let table, let column):
            "The table \(table) comes with a column \(column) that this version does not know; nothing was changed. "
                + "Use the newer program."
        case .differs(let tables):
            "What was written is not what was read: \(tables.joined(separator: ", ")). Nothing of it was kept."
        case .promoted(let path, let place):
            "\(path) was promoted to \(place): work with that database. This file stays as it was."
        case .unfinishedPromotion(let source):
            "The database holds an unfinished promotion of \(source); run that `sluice promote` again to finish it, or "
                + "drop the database."
        }
    }
}
