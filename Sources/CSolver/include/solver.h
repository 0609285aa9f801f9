#ifndef CSOLVER_H
#define CSOLVER_H

#include <stdbool.h>
#include <stdint.h>

/// A row: its sum of entries lies between the bounds. An absent bound is an infinity.
typedef struct {
    double lower;
    double upper;
} CSolverRow;

/// A column: its value lies between the bounds. An absent bound is an infinity.
typedef struct {
    double lower;
    double upper;
    /// What one unit of the column adds to the objective.
    double cost;
    bool is_integer;
} CSolverColumn;

/// A non-zero of the matrix; a place may be named only once. Rows and columns count from 0.
typedef struct {
    int32_t row;
    int32_t column;
    double value;
} CSolverEntry;

/// A mixed-integer linear program to minimise.
///
/// The caller answers for finite numbers: GLPK takes a NaN, and some infinities, in silence.
typedef struct {
    const CSolverRow *rows;
    const CSolverColumn *columns;
    const CSolverEntry *entries;
    int32_t row_count;
    int32_t column_count;
    int32_t entry_count;
    /// Milliseconds for the whole call.
    int32_t time_limit_ms;
    /// The search may stop when the incumbent is within this share of the bound.
    double relative_gap;
} CSolverProgram;

typedef enum {
    /// The point is optimal within the relative gap asked for.
    CSOLVER_OPTIMAL,
    CSOLVER_INFEASIBLE,
    /// There are feasible points of any cost, however low.
    CSOLVER_UNBOUNDED,
    CSOLVER_TIME_LIMIT,
    /// GLPK would have aborted the process; the message says why.
    CSOLVER_REFUSED,
    /// GLPK gave up; the message says why.
    CSOLVER_FAILED
} CSolverStatus;

enum { CSOLVER_MESSAGE_SIZE = 512 };

typedef struct {
    CSolverStatus status;
    /// Whether a feasible point was written: with `CSOLVER_OPTIMAL`, perhaps with
    /// `CSOLVER_TIME_LIMIT`.
    bool has_point;
    /// No feasible point costs less; minus infinity where nothing is known.
    double bound;
    /// What GLPK said, on one line; empty when all went well.
    char message[CSOLVER_MESSAGE_SIZE];
} CSolverResult;

/// Minimises `program` with GLPK and writes one value per column to `values`.
///
/// Neither ends the process nor prints, whatever it is given within the array lengths. May be
/// called from any number of threads at once; each call has a GLPK environment of its own and
/// frees it.
CSolverResult csolver_minimise(const CSolverProgram *program, double *values);

/// Version of GLPK that is in use, for example `5.0`; never freed.
const char *csolver_version(void);

#endif
