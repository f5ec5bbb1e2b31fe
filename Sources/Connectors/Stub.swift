// Meta
