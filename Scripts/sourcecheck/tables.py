"""What is forbidden where, and who may do it nevertheless and why."""

import re

SOFT_FILE, HARD_FILE = 300, 500
SOFT_FUNCTION, HARD_FUNCTION = 40, 70
SOFT_TYPE = 12
LINE = 120

# A file over the hard limit says why on a line of its own: `// size: one table of all fields`.
SIZE_MARKER = re.compile(r"^\s*(?://|#) size: \S", re.MULTILINE)

# What a target may import (the layers of docs/architecture.md). Targets that are not listed may import all.
EVERYWHERE = {"FoundationEssentials", "Synchronization"}
C_LIBRARY = {"Darwin", "Glibc", "Musl"}
LAYERS = {
    "SyncCore": {"Collections"} | C_LIBRARY,
    "ConnectorKit": {"SyncCore", "CJSONRows", "HTTPTypes", "Logging"},
    "Connectors": {"SyncCore", "ConnectorKit", "Crypto", "HTTPTypes"},
    "SyncEngine": {"SyncCore", "ConnectorKit", "Crypto", "HTTPTypes", "Logging", "ServiceLifecycle"},
    "StoreSQL": {"SyncCore", "Crypto", "Dispatch"},
    "StoreTransfer": {"SyncCore", "StoreSQL", "Crypto", "CZlib"} | C_LIBRARY,
    "Exports": {"SyncCore", "StoreSQL", "StoreTransfer", "CXlsxWriter", "Dispatch"} | C_LIBRARY,
    "StoreSQLite": {"SyncCore", "StoreSQL", "StoreTransfer", "GRDB", "GRDBSQLite", "Dispatch", "Logging"} | C_LIBRARY,
    "StorePostgres": {"SyncCore", "StoreSQL", "StoreTransfer", "CPostgres", "Dispatch", "Logging"} | C_LIBRARY,
    "Wording": {"SyncCore"},
    "Notifying": {"SyncCore", "ConnectorKit", "SyncEngine", "Wording", "CCurl", "Dispatch", "HTTPTypes"},
    "WebAssets": set(),
    "SyncWeb": {
        "SyncCore", "ConnectorKit", "SyncEngine", "StoreTransfer", "Exports", "WebAssets", "Wording", "Crypto",
        "CryptoExtras", "HTTPTypes", "Hummingbird", "HummingbirdCore", "Logging", "Mustache", "NIOCore", "NIOPosix",
        "Swift",
    } | C_LIBRARY,
    "SyncHTTP": {
        "SyncCore", "ConnectorKit", "AsyncHTTPClient", "HTTPTypes", "HummingbirdCore", "Logging",
        "NIOCore", "NIOHTTP1", "NIOHTTPCompression", "NIOPosix",
    } | C_LIBRARY,
    "SyncTestKit": {"SyncCore", "ConnectorKit", "SyncEngine", "HTTPTypes", "Logging"},
}
# The one target that nobody imports but its own tests, and the one module that only tests know.
NOBODY_IMPORTS = {"sluice": "SystemTests"}
ONLY_TESTS_IMPORT = {"Testing"}

# name: (pattern in code without comments and texts, why not, {file or folder that may: reason})
FORBIDDEN: dict[str, tuple[str, str, dict[str, str]]] = {
    "Task {": (
        r"\bTask\s*(?:<[^>\n]*>)?\s*(?:\([^)\n]*\))?\s*\{",
        "work without a parent is lost on cancellation",
        {
            "Sources/SyncEngine/Shielding.swift": "a write that must outlive the cancellation of its caller",
            "Sources/SyncWeb/Board/AccountBoard.swift": "a pass that all who ask share belongs to none of them",
            "Sources/SyncWeb/API/FreshAnswers.swift": "an answer that all who ask share belongs to none of them",
            "Sources/SyncWeb/API/RowCounts.swift": "counts that all who ask share belong to none of them",
            "Sources/SyncTestKit/Simulator/SimExecutor.swift": "the first task of a simulated world",
            "Tests/SyncEngineTests/SimExecutorTests.swift": "a stray task that the simulator must find",
        },
    ),
    "Task.detached": (r"\bTask\s*\.\s*detached\b", "work without a parent", {}),
    "Task.sleep": (r"\bTask\s*\.\s*sleep\b", "waiting goes through a clock that is passed in", {}),
    "Thread.sleep": (r"\bThread\s*\.\s*sleep\b|(?<![\w.])(?<!func )u?sleep\s*\(", "blocks a thread of the pool", {}),
    "DateFormatter": (r"\b(?:ISO8601)?DateFormatter\b", "slow; days are CivilDate, moments are Instant", {}),
    "URLSession": (r"\bURLSession\b", "the HTTP client is AsyncHTTPClient", {}),
    "DispatchSemaphore": (r"\bDispatch(?:Semaphore|Group)\b", "blocks a thread of the pool", {}),
    "Date.now": (
        r"\bDate\s*\.\s*now\b|\bDate\s*\(\s*\)",
        "time comes from a clock that is passed in",
        {
            "Sources/SyncCore/SystemClock.swift": "the clock that production passes in",
            "Tests/SyncCoreTests/SystemClockTests.swift": "compares that clock with the system's",
        },
    ),
    "UUID()": (
        r"\bUUID\s*\(\s*\)", "ids come from a source that is passed in",
        {"Tests/StoreConformanceTests": "temporary folders", "Tests/SystemTests": "temporary folders"},
    ),
    "random": (
        r"\.random\s*\((?![^()\n]*\busing:)|\.(?:randomElement|shuffled|shuffle)\s*\(\s*\)",
        "chance comes from a generator that is passed in",
        {},
    ),
    "zone of the machine": (
        r"\b(?:TimeZone|Locale|Calendar)\s*\.\s*(?:current|autoupdatingCurrent)\b",
        "zone and language are told, never those of the machine",
        {},
    ),
    "try!": (r"\btry!", "an error is handled or thrown", {}),
    "print(": (
        r"(?<![\w.])(?:debugPrint|print)\s*\(",
        "people read Console, machines read --json, operators read the log",
        {"Tests/SyncEngineTests/Simulation": "which rare states a run of many seeds has reached"},
    ),
}
