/* The unit: which functions and globals there are, and what annotations say of
 * them. Every definition of the main file is lowered; of headers, only what is
 * referred to, and of system headers only what no model stands for. */
#include "lower_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "paths.h"

/* ---- places and notes --------------------------------------------------------------- */

static uint32_t file_index(struct lower *l, CXFile file)
{
    struct flow *flow = l->flow;

    for (uint32_t i = flow->file_count; i; i--)
        if (l->seen_files[i - 1] == file)
            return i - 1;
    CXString spelled = clang_getFileName(file);
    const char *name = clang_getCString(spelled);
    /* without ".", ".." and doubled slashes, so that a header has one name */
    uint32_t path = pool_string(&l->pool, *name == '/' ? path_absolute("/", name, l->scratch) : name);
    uint32_t count = flow->file_count;
    clang_disposeString(spelled);
    ARENA_PUSH(l->work, l->seen_files, count, l->seen_capacity) = file;
    ARENA_PUSH(l->arena, flow->files, flow->file_count, l->files) = path;
    return flow->file_count - 1;
}

struct loc lower_location(struct lower *l, CXSourceLocation location)
{
    struct loc loc = { 0 };
    CXFile file;

    clang_getExpansionLocation(location, &file, &loc.line, &loc.col, NULL);
    if (!file)
        return (struct loc){ 0 };
    loc.file = file_index(l, file);
    return loc;
}

struct loc lower_loc(struct lower *l, CXCursor cursor)
{
    return lower_location(l, clang_getCursorLocation(cursor));
}

void lower_note(struct lower *l, struct loc loc, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    l->f.function.incomplete = true;
    ARENA_PUSH(l->arena, l->flow->notes, l->flow->note_count, l->notes) =
        (struct note){ loc, l->function, pool_string(&l->pool, text) };
}

/* ---- symbols -------------------------------------------------------------------------- */

static uint32_t *symbol_place(struct index_table *t, uint32_t name)
{
    for (uint32_t at = name * 2654435761u;; at++) {
        uint32_t i = at & (t->size - 1);

        if (!t->values[i] || t->keys[i] == name) {
            t->keys[i] = name;
            return &t->values[i];
        }
    }
}

static void symbols_widen(struct lower *l)
{
    struct index_table *t = &l->symbol_of, old = *t;

    t->size = old.size ? old.size * 2 : 128;
    t->keys = ARENA_ARRAY(l->work, uint64_t, t->size);
    t->values = ARENA_ARRAY(l->work, uint32_t, t->size);
    for (uint32_t i = 0; i < old.size; i++)
        if (old.values[i])
            *symbol_place(t, (uint32_t)old.keys[i]) = old.values[i];
}

/* The symbol of that name, made when new. */
static uint32_t symbol_at(struct lower *l, uint32_t name)
{
    struct flow *flow = l->flow;

    if (l->symbol_of.count * 2 >= l->symbol_of.size)
        symbols_widen(l);
    uint32_t *place = symbol_place(&l->symbol_of, name);
    if (!*place) {
        uint32_t count = flow->symbol_count;

        ARENA_PUSH(l->work, l->info, count, l->info_capacity) = (struct symbol_info){ 0 };
        ARENA_PUSH(l->arena, flow->symbols, flow->symbol_count, l->symbols) = (struct symbol){
            .name = name, .function = FLOW_NONE, .global = FLOW_NONE, .model = FLOW_OP_NONE,
        };
        *place = flow->symbol_count;
        l->symbol_of.count++;
    }
    return *place - 1;
}

static bool in_system_header(CXCursor cursor)
{
    return clang_Location_isInSystemHeader(clang_getCursorLocation(cursor));
}

static void enqueue(struct lower *l, uint32_t symbol, CXCursor definition)
{
    if (l->info[symbol].queued)
        return;
    l->info[symbol].queued = true;
    ARENA_PUSH(l->work, l->queue, l->queue_count, l->queue_capacity) = definition;
}

static uint32_t global_new(struct lower *l, uint32_t symbol, CXType type, struct loc loc)
{
    struct flow *flow = l->flow;
    CXType element = type;

    while (type_class(element) == TYPE_ARRAY)
        element = type_pointee(element);
    ARENA_PUSH(l->arena, flow->globals, flow->global_count, l->globals) = (struct global){
        .symbol = symbol, .size = type_size(type), .loc = loc,
        .is_const = clang_isConstQualifiedType(clang_getCanonicalType(type)) ||
                    clang_isConstQualifiedType(clang_getCanonicalType(element)),
    };
    return flow->symbols[symbol].global = flow->global_count - 1;
}

uint32_t lower_hidden_global(struct lower *l, uint32_t name, CXType type, struct loc loc, uint32_t *symbol)
{
    uint32_t at = symbol_at(l, name);

    for (uint32_t n = 2; l->flow->symbols[at].global != FLOW_NONE; n++)
        at = symbol_at(l, pool_printf(&l->pool, "%s.%u", flow_string(l->flow, name), n));
    l->flow->symbols[at].internal = true;
    l->info[at].queued = true;
    *symbol = at;
    return global_new(l, at, type, loc);
}

/* ---- what declarations say --------------------------------------------------------------- */

struct attributes {
    struct lower *lower;
    CXCursor      decl;
    bool          unexposed;
    struct model  model;
    bool          annotated;
};

static enum CXChildVisitResult read_position(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct attributes *a = data;
    int64_t number = 0;
    int i = 0;

    (void)parent;
    if (!clang_isExpression(clang_getCursorKind(cursor)))
        return CXChildVisit_Continue;
    lower_constant(cursor, &number);
    a->model.mapped = true;
    while (i < MODEL_ARGS && a->model.map[i] >= 0)
        i++;
    if (i < MODEL_ARGS)
        a->model.map[i] = number >= 0 && number <= INT8_MAX ? (int8_t)number : 0;
    return CXChildVisit_Continue;
}

struct layout {
    uint64_t *offsets;
    uint32_t  count;
};

static enum CXVisitorResult read_offset(CXCursor field, CXClientData data)
{
    struct layout *layout = data;

    if (layout->count >= MODEL_LAYOUT)
        return CXVisit_Break;
    layout->offsets[layout->count++] = (uint64_t)clang_Cursor_getOffsetOfField(field) / 8;
    return CXVisit_Continue;
}

/* The record of a select's cases is what the parameter points at. */
static void read_layout(struct attributes *a)
{
    int at = model_argument(&a->model, 0);
    CXCursor param = clang_Cursor_getArgument(a->decl, at < 0 ? 0 : (unsigned)at);
    CXType record = type_value(type_pointee(clang_getCursorType(param)));
    struct layout layout = { a->model.layout, 1 };

    if (type_class(record) != TYPE_RECORD)
        return;
    a->model.layout[0] = type_size(record);
    clang_Type_visitFields(record, read_offset, &layout);
    a->model.has_layout = layout.count == MODEL_LAYOUT;
}

static void read_annotation(struct attributes *a, CXCursor cursor, const char *word)
{
    struct model *m = &a->model;

    memset(m->map, -1, sizeof m->map);
    m->unsupported = !strcmp(word, "unsupported");
    m->op = (uint8_t)flow_op_from_word(word);
    if (m->op == FLOW_OP_NONE && !m->unsupported) {
        lower_note(a->lower, lower_loc(a->lower, a->decl), "annotation chanleak:%s", word);
        return;
    }
    clang_visitChildren(cursor, read_position, a);
    if (m->op == FLOW_SELECT || m->op == FLOW_POLL || m->op == FLOW_SELECT_TIMEOUT)
        read_layout(a);
    a->annotated = true;
}

static enum CXChildVisitResult read_attribute(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct attributes *a = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);

    (void)parent;
    a->unexposed |= kind == CXCursor_UnexposedAttr;
    if (kind == CXCursor_AnnotateAttr) {
        CXString text = clang_getCursorSpelling(cursor);
        const char *s = clang_getCString(text);

        if (!strncmp(s, "chanleak:", 9))
            read_annotation(a, cursor, s + 9);
        clang_disposeString(text);
    }
    return kind == CXCursor_CompoundStmt ? CXChildVisit_Break : CXChildVisit_Continue;
}

/* _Noreturn and [[noreturn]] show only in print; __attribute__((noreturn)) is
 * part of the type. */
static bool printed_noreturn(CXCursor decl)
{
    CXPrintingPolicy policy = clang_getCursorPrintingPolicy(decl);
    clang_PrintingPolicy_setProperty(policy, CXPrintingPolicy_TerseOutput, 1);
    CXString text = clang_getCursorPrettyPrinted(decl, policy);
    bool found = strstr(clang_getCString(text), "oreturn") != NULL;

    clang_disposeString(text);
    clang_PrintingPolicy_dispose(policy);
    return found;
}

static bool is_noreturn(CXCursor decl, bool unexposed_attributes)
{
    CXString type = clang_getTypeSpelling(clang_getCursorType(decl));
    bool found = strstr(clang_getCString(type), "noreturn") != NULL;

    clang_disposeString(type);
    return found || (unexposed_attributes && printed_noreturn(decl));
}

static void keep_model(struct lower *l, uint32_t symbol, struct model *model)
{
    struct model *m = ARENA_NEW(l->work, struct model);

    *m = *model;
    m->name = flow_string(l->flow, l->flow->symbols[symbol].name);
    l->info[symbol].model = m;
    l->flow->symbols[symbol].model = m->op;
    if (l->annotated)
        ARENA_PUSH(l->annotated->arena, l->annotated->list, l->annotated->count,
                   l->annotated->capacity) = *m;
}

static enum CXChildVisitResult look_for_unexposed(CXCursor cursor, CXCursor parent, CXClientData data)
{
    enum CXCursorKind kind = clang_getCursorKind(cursor);

    (void)parent;
    *(bool *)data |= kind == CXCursor_UnexposedAttr;
    return kind == CXCursor_UnexposedAttr || kind == CXCursor_CompoundStmt ? CXChildVisit_Break : CXChildVisit_Continue;
}

static bool has_unexposed_attributes(CXCursor decl)
{
    bool found = false;

    clang_visitChildren(decl, look_for_unexposed, &found);
    return found;
}

/* The attribute may stand where the function is declared, or where it is defined. */
static void read_startup(struct symbol *s, CXCursor decl)
{
    CXCursor at[] = { decl, clang_getCanonicalCursor(decl), clang_getCursorDefinition(decl) };

    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        if (!clang_Cursor_isNull(at[i]) && clang_Cursor_hasAttrs(at[i]) && has_unexposed_attributes(at[i]))
            source_startup(at[i], &s->constructor, &s->destructor);
}

static void read_attributes(struct lower *l, uint32_t symbol, CXCursor decl)
{
    struct attributes a = { .lower = l, .decl = decl };

    if (clang_Cursor_hasAttrs(decl))
        clang_visitChildren(decl, read_attribute, &a);
    if (a.annotated && !l->info[symbol].model)
        keep_model(l, symbol, &a.model);
    l->flow->symbols[symbol].noreturn |= is_noreturn(decl, a.unexposed);
    read_startup(&l->flow->symbols[symbol], decl);
}

/* ---- functions and variables as they are met ------------------------------------------------ */

static void look_at_function(struct lower *l, uint32_t symbol, CXCursor decl)
{
    struct symbol *s = &l->flow->symbols[symbol];

    s->is_function = true;
    s->internal = clang_getCursorLinkage(decl) == CXLinkage_Internal;
    read_attributes(l, symbol, decl);
    CXCursor definition = clang_getCursorDefinition(decl);
    if (l->info[symbol].model || clang_Cursor_isNull(definition) || clang_isInvalid(definition.kind))
        return;
    bool modelled = l->models && models_find(l->models, flow_string(l->flow, l->flow->symbols[symbol].name));
    if (!modelled || !in_system_header(definition))
        enqueue(l, symbol, definition);
}

static void look_at_variable(struct lower *l, uint32_t symbol, CXCursor decl)
{
    if (l->flow->symbols[symbol].global != FLOW_NONE)
        return;
    uint32_t global = global_new(l, symbol, clang_getCursorType(decl), lower_loc(l, decl));
    l->flow->globals[global].is_extern = true;
    l->flow->symbols[symbol].internal = clang_getCursorLinkage(decl) == CXLinkage_Internal;
}

uint32_t lower_symbol(struct lower *l, CXCursor decl)
{
    CXString name = clang_getCursorSpelling(decl);
    uint32_t symbol = symbol_at(l, pool_string(&l->pool, clang_getCString(name)));

    clang_disposeString(name);
    if (!l->info[symbol].looked) {
        l->info[symbol].looked = true;
        if (decl.kind == CXCursor_FunctionDecl)
            look_at_function(l, symbol, decl);
        else
            look_at_variable(l, symbol, decl);
    }
    return symbol;
}

struct search {
    const char *name;
    CXCursor    found;
};

static enum CXChildVisitResult find_function(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct search *search = data;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_FunctionDecl)
        return CXChildVisit_Continue;
    CXString name = clang_getCursorSpelling(cursor);
    if (!strcmp(clang_getCString(name), search->name))
        search->found = cursor;
    clang_disposeString(name);
    return CXChildVisit_Continue;
}

uint32_t lower_symbol_named(struct lower *l, const char *name)
{
    uint32_t symbol = symbol_at(l, pool_string(&l->pool, name));
    struct search search = { name, clang_getNullCursor() };

    if (l->info[symbol].looked)
        return symbol;
    clang_visitChildren(clang_getTranslationUnitCursor(l->tu), find_function, &search);
    if (!clang_Cursor_isNull(search.found))
        return lower_symbol(l, search.found);
    l->info[symbol].looked = true;
    l->flow->symbols[symbol].is_function = true;
    return symbol;
}

/* ---- definitions ------------------------------------------------------------------------------ */

static void reset_function(struct lower *l, CXCursor decl)
{
    arena_reset(l->scratch);
    l->f = (struct build){ .current = FLOW_NONE };
    l->decl = decl;
    l->result_name = FLOW_NONE;
    l->locals = NULL;
    l->local_size = l->local_count = 0;
    l->cleanups = NULL;
    l->cleanup_count = l->cleanup_capacity = 0;
    l->labels = NULL;
    l->label_count = l->label_capacity = 0;
    l->target = NULL;
    l->scope = NULL;
    l->nodes = 0;
    l->pretty = NULL;
}

static void lower_variable(struct lower *l, CXCursor decl)
{
    uint32_t symbol = lower_symbol(l, decl);
    CXCursor init = clang_Cursor_getVarDeclInitializer(decl);
    CXType type = clang_getCursorType(decl);

    l->function = FLOW_NONE;
    reset_function(l, decl);
    if (l->flow->symbols[symbol].global == FLOW_NONE)
        return;
    struct global *g = &l->flow->globals[l->flow->symbols[symbol].global];
    g->is_extern = false;
    if (type_size(type) >= g->size) {
        g->size = type_size(type);
        g->loc = lower_loc(l, decl);
    }
    if (!clang_Cursor_isNull(init) && !clang_isInvalid(init.kind))
        init_global(l, l->flow->symbols[symbol].global, init, type);
}

static enum CXChildVisitResult find_body(CXCursor cursor, CXCursor parent, CXClientData data)
{
    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_CompoundStmt)
        *(CXCursor *)data = cursor;
    return CXChildVisit_Continue;
}

static void lower_parameter(struct lower *l, CXCursor decl)
{
    struct function *f = &l->f.function;
    CXType type = clang_getCursorType(decl);
    struct place p = place_of_local(l, decl);
    struct param param = {
        .in_slot = p.kind == PLACE_MEMORY,
        .is_struct = type_class(type) == TYPE_RECORD,
        .type = type_class(type) == TYPE_SCALAR ? type_scalar(type) : SCALAR_PTR,
        .index = local_of(l, decl)->index,
    };

    ARENA_PUSH(l->arena, f->params, f->param_count, l->f.params) = param;
}

/* The closing brace. */
static struct loc end_of(struct lower *l, CXCursor body)
{
    struct loc loc = lower_location(l, clang_getRangeEnd(clang_getCursorExtent(body)));

    loc.col -= loc.col > 1;
    return loc;
}

static void end_function(struct lower *l, CXCursor decl)
{
    struct function *f = &l->f.function;
    CXType result = clang_getCursorResultType(decl);
    uint32_t value = FLOW_NONE;

    if (l->f.current != FLOW_NONE) {
        if (!strcmp(flow_string(l->flow, l->name), "main") && type_class(result) == TYPE_SCALAR)
            value = ex_const(l, SCALAR_I32, 0);
        build_return(l, value, f->end);
    }
    build_prune(l);
    ARENA_PUSH(l->arena, l->flow->functions, l->flow->function_count, l->functions) = *f;
}

static void lower_function(struct lower *l, CXCursor decl)
{
    uint32_t symbol = lower_symbol(l, decl);
    CXCursor body = clang_getNullCursor();
    CXType result = clang_getCursorResultType(decl);
    struct function *f = &l->f.function;

    if (l->info[symbol].model || l->flow->symbols[symbol].function != FLOW_NONE)
        return;
    clang_visitChildren(decl, find_body, &body);
    if (clang_Cursor_isNull(body))
        return;
    reset_function(l, decl);
    l->name = l->flow->symbols[symbol].name;
    l->function = l->flow->function_count;
    l->flow->symbols[symbol].function = l->function;
    f->symbol = symbol;
    f->loc = lower_loc(l, decl);
    f->end = end_of(l, body);
    f->return_size = type_class(result) == TYPE_RECORD ? type_size(result) : 0;
    l->f.loc = f->loc;
    struct node *tree = tree_of(l, body);
    build_start(l, build_block(l));
    for (int i = 0; i < clang_Cursor_getNumArguments(decl); i++)
        lower_parameter(l, clang_Cursor_getArgument(decl, (unsigned)i));
    if (clang_isFunctionTypeVariadic(clang_getCursorType(decl)))
        lower_unnamed_parameters(l);
    lower_stmt(l, tree);
    end_function(l, decl);
    l->function = FLOW_NONE;
}

/* ---- the unit ------------------------------------------------------------------------------------ */

static void meet_function(struct lower *l, CXCursor cursor, bool main_file)
{
    if (clang_Cursor_hasAttrs(cursor)) {
        struct attributes a = { .lower = l, .decl = cursor };

        clang_visitChildren(cursor, read_attribute, &a);
        if (a.annotated) {
            CXString name = clang_getCursorSpelling(cursor);
            uint32_t symbol = symbol_at(l, pool_string(&l->pool, clang_getCString(name)));

            clang_disposeString(name);
            if (!l->info[symbol].model)
                keep_model(l, symbol, &a.model);
        }
    }
    if ((main_file || l->annotated) && clang_isCursorDefinition(cursor))
        ARENA_PUSH(l->work, l->queue, l->queue_count, l->queue_capacity) = cursor;
}

/* What a macro makes is where the macro is used. */
static bool is_in_main_file(const struct lower *l, CXCursor cursor)
{
    CXFile file;
    unsigned line, col;

    clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, &line, &col, NULL);
    return file && clang_Location_isFromMainFile(clang_getLocation(l->tu, file, line, col));
}

static enum CXChildVisitResult meet(CXCursor cursor, CXCursor parent, CXClientData data)
{
    struct lower *l = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);

    (void)parent;
    if ((kind != CXCursor_FunctionDecl && kind != CXCursor_VarDecl) || in_system_header(cursor))
        return CXChildVisit_Continue;
    bool main_file = is_in_main_file(l, cursor);
    if (kind == CXCursor_FunctionDecl) {
        meet_function(l, cursor, main_file);
    } else {
        CXCursor init = clang_Cursor_getVarDeclInitializer(cursor);
        bool has_init = !clang_Cursor_isNull(init) && !clang_isInvalid(init.kind);

        if (has_init || clang_Cursor_getStorageClass(cursor) != CX_SC_Extern)
            ARENA_PUSH(l->work, l->queue, l->queue_count, l->queue_capacity) = cursor;
    }
    return CXChildVisit_Continue;
}

struct flow *lower_unit(const struct unit *unit, const struct models *models,
                        struct arena *arena, struct model_list *annotated)
{
    struct lower l = {
        .tu = unit->tu, .arena = arena, .scratch = arena_new(), .work = arena_new(),
        .models = models, .annotated = annotated, .function = FLOW_NONE, .result_name = FLOW_NONE,
    };

    l.flow = ARENA_NEW(arena, struct flow);
    l.flow->arena = arena;
    l.pool = pool_of(l.flow);
    pool_string(&l.pool, "");
    clang_visitChildren(clang_getTranslationUnitCursor(l.tu), meet, &l);
    for (uint32_t i = 0; i < l.queue_count; i++) {
        CXCursor definition = l.queue[i];

        if (definition.kind == CXCursor_VarDecl)
            lower_variable(&l, definition);
        else
            lower_function(&l, definition);
    }
    arena_free(l.scratch);
    arena_free(l.work);
    return l.flow;
}
