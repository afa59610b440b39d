#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "enrich/stage.h"

/* A paragraph with mentions at the given words, each its own entity. */
struct scene {
    struct arena arena;
    struct stretch stretch;
    struct mention mentions[8];
    struct doc doc;
};

static void tokenise(struct scene *s, const char *text) {
    *s = (struct scene){0};
    s->stretch = (struct stretch){0, (uint32_t)strlen(text), ZONE_BODY, 0, 0};
    s->doc = (struct doc){.arena = &s->arena,
                          .text = view_of(text),
                          .stretches = &s->stretch,
                          .stretch_count = 1,
                          .mentions = s->mentions};
    stage_token.run(NULL, &s->doc);
}

static void name(struct scene *s, const char *word, enum entity_type type) {
    for (size_t i = 0; i < s->doc.token_count; i++)
        if (view_is(doc_token(&s->doc, i), word)) {
            uint32_t entity = (uint32_t)s->doc.mention_count++;
            s->mentions[entity] = (struct mention){.first = (uint32_t)i,
                                                   .last = (uint32_t)i + 1,
                                                   .type = type,
                                                   .entity = entity};
            s->doc.event.entity_count++;
            return;
        }
    fail();
}

static void expect(struct scene *s, size_t i, const char *text, size_t speaker) {
    stage_quotes.run(NULL, &s->doc);
    assert_true(i < s->doc.event.quote_count);
    assert_true(view_is(doc_span(&s->doc, s->doc.quotes[i].at), text));
    assert_int_equal(s->doc.quotes[i].speaker, speaker);
    arena_release(&s->arena);
}

static void quotes__have_the_speaker_behind_them(void **state) {
    struct scene s;

    (void)state;
    tokenise(&s, "“It is over,” said villager Florence of Bicol.");
    name(&s, "Florence", ENTITY_PERSON);
    expect(&s, 0, "“It is over,”", 0);
    tokenise(&s, "\"It is over,\" mayor Darinko said on Monday.");
    name(&s, "Darinko", ENTITY_PERSON);
    expect(&s, 0, "\"It is over,\"", 0);
}

static void quotes__have_the_speaker_before_them(void **state) {
    struct scene s;

    (void)state;
    tokenise(&s, "Erdogan said Ankara would teach Haftar “a lesson”.");
    name(&s, "Erdogan", ENTITY_PERSON);
    name(&s, "Haftar", ENTITY_PERSON);
    expect(&s, 0, "“a lesson”", 0);
}

static void quotes__go_on_with_the_same_speaker(void **state) {
    struct scene s;

    (void)state;
    tokenise(&s, "“One,” said Figueres. “Two.”");
    name(&s, "Figueres", ENTITY_PERSON);
    expect(&s, 1, "“Two.”", 0);
    tokenise(&s, "“One,” said Figueres. “Two,” he added.");
    name(&s, "Figueres", ENTITY_PERSON);
    expect(&s, 1, "“Two,”", 0);
}

static void quotes__are_nobodys_where_none_is_named(void **state) {
    struct scene s;

    (void)state;
    tokenise(&s, "Residents spoke of “rain”. Haftar left.");
    name(&s, "Haftar", ENTITY_PERSON);
    expect(&s, 0, "“rain”", EVENT_NOBODY);
}

static size_t count(const char *text) {
    struct scene s;
    size_t n;

    tokenise(&s, text);
    stage_quotes.run(NULL, &s.doc);
    n = s.doc.event.quote_count;
    arena_release(&s.arena);
    return n;
}

static void quotes__need_a_closing_mark(void **state) {
    (void)state;
    assert_int_equal(count("“A paragraph that goes on in the next."), 1);
    assert_int_equal(count("He said “this and that."), 0);
    assert_int_equal(count("A 6\" pipe and a 7\" pipe"), 0);
    assert_int_equal(count("“a full-blown base\" it is"), 1);
    assert_int_equal(count("\"\" and “…”"), 0);
    assert_int_equal(count(""), 0);
    assert_int_equal(count("\""), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes__have_the_speaker_behind_them),
        cmocka_unit_test(quotes__have_the_speaker_before_them),
        cmocka_unit_test(quotes__go_on_with_the_same_speaker),
        cmocka_unit_test(quotes__are_nobodys_where_none_is_named),
        cmocka_unit_test(quotes__need_a_closing_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
