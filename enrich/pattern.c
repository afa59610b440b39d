#include "enrich/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "proto/mem.h"

#define MATCH_LIMIT 20000 /* steps; an ordinary match takes tens */
#define DEPTH_LIMIT 500
#define STACK_MIN   (16 * 1024)
#define STACK_MAX   (256 * 1024)

/* Which groups a letter stands for: a name may be given to several. */
struct letter_group {
    uint8_t letter;
    uint8_t group;
};

/* pcre2_match, or where there is JIT what it would call after many checks. */
typedef int match_fn(const pcre2_code *code, PCRE2_SPTR text, PCRE2_SIZE len,
                     PCRE2_SIZE from, uint32_t options, pcre2_match_data *data,
                     pcre2_match_context *context);

struct pattern {
    pcre2_code *code;
    match_fn *match;
    struct letter_group *groups;
    uint32_t group_count;
};

struct pattern_set {
    struct pattern *patterns;
    size_t count;
    pcre2_match_data *data; /* as many pairs as the largest pattern has */
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
};

static void note_groups(struct pattern *p) {
    PCRE2_SPTR names;
    uint32_t size;

    pcre2_pattern_info(p->code, PCRE2_INFO_NAMECOUNT, &p->group_count);
    pcre2_pattern_info(p->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(p->code, PCRE2_INFO_NAMETABLE, &names);
    p->groups = mem_alloc((p->group_count + 1) * sizeof *p->groups);
    for (uint32_t i = 0; i < p->group_count; i++, names += size)
        p->groups[i] = (struct letter_group){(uint8_t)(names[2] - 'a'), names[1]};
}

static int compile(struct pattern *p, size_t number, const char *text,
                   struct diag *diag) {
    PCRE2_UCHAR reason[128];
    PCRE2_SIZE offset;
    int code;

    p->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
                            PCRE2_ANCHORED | PCRE2_DUPNAMES | PCRE2_NO_AUTO_CAPTURE,
                            &code, &offset, NULL);
    if (!p->code) {
        pcre2_get_error_message(code, reason, sizeof reason);
        diag_set(diag, offset, "pattern %zu, at %zu: %s", number, (size_t)offset,
                 (const char *)reason);
        return ERR_FORMAT;
    }
    /* without JIT (another CPU, a system that forbids it) the interpreter does the same
     */
    p->match =
        pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE) ? pcre2_match : pcre2_jit_match;
    note_groups(p);
    for (uint32_t i = 0; i < p->group_count; i++)
        if (p->groups[i].letter >= 26) {
            diag_set(diag, 0, "pattern %zu: a group's name is one small letter", number);
            return ERR_FORMAT;
        }
    return 0;
}

static void open_matching(struct pattern_set *set) {
    uint32_t most = 0;

    for (size_t i = 0; i < set->count; i++) {
        uint32_t groups = 0;
        pcre2_pattern_info(set->patterns[i].code, PCRE2_INFO_CAPTURECOUNT, &groups);
        most = groups > most ? groups : most;
    }
    set->data = pcre2_match_data_create(most + 1, NULL);
    set->context = pcre2_match_context_create(NULL);
    set->stack = pcre2_jit_stack_create(STACK_MIN, STACK_MAX, NULL);
    if (!set->data || !set->context)
        abort(); /* out of memory, as everywhere (mem.h) */
    pcre2_set_match_limit(set->context, MATCH_LIMIT);
    pcre2_set_depth_limit(set->context, DEPTH_LIMIT);
    if (set->stack)
        pcre2_jit_stack_assign(set->context, NULL, set->stack);
}

int pattern_set_new(const char *const *patterns, size_t count, struct pattern_set **out,
                    struct diag *diag) {
    struct pattern_set *set = mem_zalloc(sizeof *set);
    int err = 0;

    set->patterns = mem_zalloc(count * sizeof *set->patterns);
    set->count = count;
    for (size_t i = 0; i < count && !err; i++)
        err = compile(&set->patterns[i], i, patterns[i], diag);
    if (err) {
        pattern_set_free(set);
        return err;
    }
    open_matching(set);
    *out = set;
    return 0;
}

void pattern_set_free(struct pattern_set *set) {
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++) {
        pcre2_code_free(set->patterns[i].code);
        free(set->patterns[i].groups);
    }
    pcre2_match_data_free(set->data);
    pcre2_match_context_free(set->context);
    pcre2_jit_stack_free(set->stack);
    free(set->patterns);
    free(set);
}

bool pattern_at(struct pattern_set *set, size_t i, struct view text, size_t from,
                size_t to, struct pattern_match *out) {
    const struct pattern *p = &set->patterns[i];
    const PCRE2_SIZE *ends;
    int pairs =
        p->match(p->code, (PCRE2_SPTR)text.at, to, from, 0, set->data, set->context);

    if (pairs <= 0)
        return false;
    ends = pcre2_get_ovector_pointer(set->data);
    *out = (struct pattern_match){.at = {(uint32_t)ends[0], (uint32_t)ends[1]}};
    for (uint32_t g = 0; g < p->group_count; g++) {
        const PCRE2_SIZE *pair = &ends[2 * p->groups[g].group];
        if (p->groups[g].group < pairs && pair[0] != PCRE2_UNSET)
            out->groups[p->groups[g].letter] =
                (struct span){(uint32_t)pair[0], (uint32_t)pair[1]};
    }
    return true;
}
