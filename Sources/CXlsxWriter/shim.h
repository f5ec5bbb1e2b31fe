#ifndef SLUICE_CXLSXWRITER_SHIM_H
#define SLUICE_CXLSXWRITER_SHIM_H

#include <stdio.h>
#include <xlsxwriter.h>

// In constant-memory mode the rows of a sheet go to a temporary file, of which the library looks at no error.

/// How many bytes of rows were written; -1 when some could not be.
static inline long long sluice_xlsx_written(const lxw_worksheet *sheet) {
    FILE *rows = sheet->optimize_tmpfile;
    if (!rows) return 0;
    if (fflush(rows) != 0 || ferror(rows)) return -1;
    return (long long)ftello(rows);
}

/// Closes the file of a sheet that is given up: `lxw_workbook_free` does not.
static inline void sluice_xlsx_discard(lxw_worksheet *sheet) {
    if (sheet->optimize_tmpfile) fclose(sheet->optimize_tmpfile);
    sheet->optimize_tmpfile = NULL;
}

#endif
