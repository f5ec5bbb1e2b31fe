@testable import SyncEngine
