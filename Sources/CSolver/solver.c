#include "solver.h"

#include <float.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// GLPK aborts the process on misuse. Its error hook may leave by longjmp, which must not cross
// Swift frames: hence every GLPK call is in this file, below one setjmp.

/// What the hooks of one call share.
typedef struct {
    const CSolverProgram *program;
    double *values;
    CSolverResult result;
    double deadline_ms;
    glp_prob *problem;
    // GLPK counts from 1: place 0 of these is unused.
    int *rows;
    int *columns;
    double *coefficients;
    jmp_buf escape;
} Call;

// MARK: Hooks

/// Appends GLPK's text to the message and keeps it from standard output.
static int gather(void *info, const char *text) {
    CSolverResult *result = &((Call *)info)->result;
    size_t used = strlen(result->message);
    for (; *text != '\0' && used + 1 < CSOLVER_MESSAGE_SIZE; text++) {
        result->message[used++] = *text == '\n' ? ' ' : *text;
    }
    result->message[used] = '\0';
    return 1;
}

static void leave(void *info) { longjmp(((Call *)info)->escape, 1); }

/// Keeps the best bound of the search tree.
static void watch(glp_tree *tree, void *info) {
    Call *call = info;
    int reason = glp_ios_reason(tree);
    if (reason != GLP_ISELECT && reason != GLP_IROWGEN) { return; }
    int node = glp_ios_best_node(tree);
    if (node == 0) { return; }
    double bound = glp_ios_node_bound(tree, node);
    if (bound > -DBL_MAX && bound > call->result.bound) { call->result.bound = bound; }
}

static int remaining_ms(const Call *call) {
    double left = call->deadline_ms - glp_time();
    return left < 1 ? 1 : left > INT32_MAX ? INT32_MAX : (int)left;
}

// MARK: Loading

static int bound_type(double lower, double upper) {
    if (isinf(lower) && isinf(upper)) { return GLP_FR; }
    if (isinf(lower)) { return GLP_UP; }
    if (isinf(upper)) { return GLP_LO; }
    return lower == upper ? GLP_FX : GLP_DB;
}

static void load_bounds(Call *call) {
    const CSolverProgram *program = call->program;
    glp_prob *problem = call->problem;
    for (int i = 0; i < program->row_count; i++) {
        CSolverRow row = program->rows[i];
        glp_set_row_bnds(problem, i + 1, bound_type(row.lower, row.upper), row.lower, row.upper);
    }
    for (int j = 0; j < program->column_count; j++) {
        CSolverColumn column = program->columns[j];
        int type = bound_type(column.lower, column.upper);
        glp_set_col_kind(problem, j + 1, column.is_integer ? GLP_IV : GLP_CV);
        glp_set_col_bnds(problem, j + 1, type, column.lower, column.upper);
        glp_set_obj_coef(problem, j + 1, column.cost);
    }
}

/// GLPK's number of a row or column; GLPK refuses 0.
static int place(int32_t index) { return index == INT32_MAX ? 0 : index + 1; }

static void load(Call *call) {
    const CSolverProgram *program = call->program;
    call->problem = glp_create_prob();
    glp_set_obj_dir(call->problem, GLP_MIN);
    if (program->row_count > 0) { glp_add_rows(call->problem, program->row_count); }
    if (program->column_count > 0) { glp_add_cols(call->problem, program->column_count); }
    load_bounds(call);
    for (int k = 0; k < program->entry_count; k++) {
        call->rows[k + 1] = place(program->entries[k].row);
        call->columns[k + 1] = place(program->entries[k].column);
        call->coefficients[k + 1] = program->entries[k].value;
    }
    glp_load_matrix(
        call->problem, program->entry_count, call->rows, call->columns, call->coefficients);
}

// MARK: Solving

static CSolverStatus fail(Call *call, const char *step, int code) {
    char text[96];
    snprintf(text, sizeof text, "%s ended with GLPK code %d", step, code);
    gather(call, text);
    return CSOLVER_FAILED;
}

/// Solves the relaxation without integrality, from which the search starts.
///
/// GLPK 5.0's presolve takes bounds that differ by 1e-3 for equal, so that what it leaves of a program with
/// few free columns may be off by as much.
static CSolverStatus relax(Call *call, int presolve) {
    glp_smcp options;
    glp_init_smcp(&options);
    options.msg_lev = GLP_MSG_OFF;
    options.presolve = presolve;
    // GLPK scales the program, and at its own 1e-7 a small cost may pass for none.
    options.tol_dj = 1e-9;
    options.tm_lim = remaining_ms(call);
    int code = glp_simplex(call->problem, &options);
    if (code != 0 && code != GLP_ETMLIM && code != GLP_ENOPFS && code != GLP_ENODFS) {
        // A presolved basis may turn out singular: start again from the plain one.
        glp_std_basis(call->problem);
        options.presolve = GLP_OFF;
        options.tm_lim = remaining_ms(call);
        code = glp_simplex(call->problem, &options);
    }
    if (code == GLP_ETMLIM) { return CSOLVER_TIME_LIMIT; }
    if (code == GLP_ENOPFS) { return CSOLVER_INFEASIBLE; }
    if (code == GLP_ENODFS) { return CSOLVER_UNBOUNDED; }
    if (code != 0) { return fail(call, "the relaxation", code); }
    switch (glp_get_status(call->problem)) {
    case GLP_OPT: return CSOLVER_OPTIMAL;
    case GLP_NOFEAS: return CSOLVER_INFEASIBLE;
    case GLP_UNBND: return CSOLVER_UNBOUNDED;
    default: return fail(call, "the relaxation", code);
    }
}

/// Branch and bound from the solved relaxation.
static CSolverStatus search(Call *call) {
    glp_iocp options;
    glp_init_iocp(&options);
    options.msg_lev = GLP_MSG_OFF;
    // No presolve: the relaxation is solved already, so that its time counts too. No cuts: with
    // them GLPK 5.0 lost the optimum of one of sixty random programs.
    options.presolve = GLP_OFF;
    options.tm_lim = remaining_ms(call);
    options.mip_gap = call->program->relative_gap;
    options.cb_func = watch;
    options.cb_info = call;
    int code = glp_intopt(call->problem, &options);
    int found = glp_mip_status(call->problem);
    call->result.has_point = found == GLP_OPT || found == GLP_FEAS;
    if (code == GLP_ETMLIM) { return CSOLVER_TIME_LIMIT; }
    if (code == GLP_EMIPGAP && call->result.has_point) { return CSOLVER_OPTIMAL; }
    if (code == GLP_ENOPFS || (code == 0 && found == GLP_NOFEAS)) { return CSOLVER_INFEASIBLE; }
    if (code == GLP_ENODFS) { return CSOLVER_UNBOUNDED; }
    return code == 0 && found == GLP_OPT ? CSOLVER_OPTIMAL : fail(call, "the search", code);
}

static CSolverStatus relax_and_search(Call *call) {
    CSolverStatus relaxed = relax(call, GLP_ON);
    return relaxed == CSOLVER_OPTIMAL ? search(call) : relaxed;
}

/// Tells an unbounded program from an infeasible one whose relaxation is unbounded.
static CSolverStatus confirm_unbounded(Call *call) {
    for (int j = 0; j < call->program->column_count; j++) {
        glp_set_obj_coef(call->problem, j + 1, 0);
    }
    CSolverStatus status = relax_and_search(call);
    call->result.has_point = false;
    call->result.bound = -INFINITY;
    return status == CSOLVER_OPTIMAL ? CSOLVER_UNBOUNDED : status;
}

/// Rounds the integers of the point found and solves once more for the continuous columns, which
/// otherwise keep the slack that the integers had within GLPK's tolerance.
static void round_point(Call *call) {
    const CSolverProgram *program = call->program;
    for (int j = 0; j < program->column_count; j++) {
        double value = glp_mip_col_val(call->problem, j + 1);
        call->values[j] = program->columns[j].is_integer ? nearbyint(value) : value;
        if (program->columns[j].is_integer) {
            glp_set_col_bnds(call->problem, j + 1, GLP_FX, call->values[j], call->values[j]);
        }
    }
    call->deadline_ms = fmax(call->deadline_ms, glp_time() + 1000);
    if (relax(call, GLP_OFF) != CSOLVER_OPTIMAL) { return; }
    for (int j = 0; j < program->column_count; j++) {
        if (!program->columns[j].is_integer) {
            call->values[j] = glp_get_col_prim(call->problem, j + 1);
        }
    }
}

static void solve(Call *call) {
    load(call);
    CSolverStatus status = relax_and_search(call);
    if (status == CSOLVER_UNBOUNDED) { status = confirm_unbounded(call); }
    if (call->result.has_point) { round_point(call); }
    call->result.status = status;
}

// MARK: The one function

static bool allocate(Call *call) {
    size_t places = (size_t)call->program->entry_count + 1;
    call->rows = calloc(places, sizeof(int));
    call->columns = calloc(places, sizeof(int));
    call->coefficients = calloc(places, sizeof(double));
    return call->rows != NULL && call->columns != NULL && call->coefficients != NULL;
}

static void release(Call *call) {
    free(call->rows);
    free(call->columns);
    free(call->coefficients);
    free(call);
}

static CSolverResult nothing(CSolverStatus status, const char *message) {
    CSolverResult result = {.status = status, .bound = -INFINITY};
    snprintf(result.message, sizeof result.message, "%s", message);
    return result;
}

/// Solves below the one `setjmp`; `call` is on the heap, so that a longjmp leaves it defined.
static void guard(Call *call) {
    glp_term_hook(gather, call);
    glp_error_hook(leave, call);
    glp_term_out(GLP_OFF);
    call->deadline_ms = glp_time() + call->program->time_limit_ms;
    if (setjmp(call->escape) == 0) {
        solve(call);
    } else {
        call->result.status = CSOLVER_REFUSED;
        call->result.has_point = false;
    }
    // Frees the problem as well, and clears the error state of this thread.
    glp_free_env();
}

CSolverResult csolver_minimise(const CSolverProgram *program, double *values) {
    if (program->row_count < 0 || program->column_count < 0 || program->entry_count < 0) {
        return nothing(CSOLVER_REFUSED, "a count is negative");
    }
    Call *call = calloc(1, sizeof(Call));
    if (call == NULL) { return nothing(CSOLVER_FAILED, "not enough memory"); }
    call->program = program;
    call->values = values;
    call->result = nothing(CSOLVER_FAILED, "");
    if (allocate(call)) {
        guard(call);
    } else {
        call->result = nothing(CSOLVER_FAILED, "not enough memory");
    }
    CSolverResult result = call->result;
    release(call);
    return result;
}

const char *csolver_version(void) { return glp_version(); }
