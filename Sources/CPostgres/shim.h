#ifndef SLUICE_CPOSTGRES_SHIM_H
#define SLUICE_CPOSTGRES_SHIM_H

#include <libpq-fe.h>

// The codes of error fields are macros over character literals, which Swift does not import.

/// The five characters of the error's SQLSTATE; null when the error was made by libpq and not by the server.
static inline const char *sluice_pq_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

/// The server's message in one line, without DETAIL and HINT.
static inline const char *sluice_pq_primary_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

/// The constraint that a row has violated, if it was one.
static inline const char *sluice_pq_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}

#endif
