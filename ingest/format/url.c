#include "ingest/format/url.h"

static bool letter(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

/* The length of "https:"; 0: no scheme. */
static size_t scheme_of(struct view url) {
    size_t i = 0;

    if (!url.len || !letter(url.at[0]))
        return 0;
    while (i < url.len && (letter(url.at[i]) || (url.at[i] >= '0' && url.at[i] <= '9') ||
                           strchr("+-.", url.at[i])))
        i++;
    return i < url.len && url.at[i] == ':' ? i + 1 : 0;
}

bool url_is_absolute(struct view url) { return scheme_of(view_trim(url)) > 0; }

static size_t end_of(struct view url, size_t from, const char *marks) {
    while (from < url.len && !strchr(marks, url.at[from]))
        from++;
    return from;
}

/* Takes "." and ".." out of the path that begins at `path` in url, in place; returns the
 * new length. */
static size_t without_dots(char *url, size_t path, size_t len) {
    size_t to = path, i = path;
    size_t end = end_of(view_n(url, len), path, "?#");

    while (i < end) {
        size_t next = i + 1; // a segment with its "/"
        while (next < end && url[next] != '/')
            next++;
        bool up = next - i == 3 && !memcmp(url + i, "/..", 3);
        bool dots = up || (next - i == 2 && url[i + 1] == '.');
        while (up && to > path && url[--to] != '/')
            ;
        if (!dots) {
            memmove(url + to, url + i, next - i);
            to += next - i;
        } else if (next == end) {
            url[to++] = '/';
        }
        i = next;
    }
    memmove(url + to, url + end, len - end);
    return to + len - end;
}

struct view url_resolve(struct view base, struct view reference, struct arena *arena) {
    size_t scheme, host, path, keep;
    char *url;

    base = view_trim(base);
    reference = view_trim(reference);
    scheme = scheme_of(base);
    if (!reference.len || scheme_of(reference) || base.len < scheme + 2 || !scheme ||
        memcmp(base.at + scheme, "//", 2) != 0)
        return reference;
    host = scheme + 2;
    path = end_of(base, host, "/?#");
    if (view_starts(reference, "//"))
        keep = scheme;
    else if (reference.at[0] == '/')
        keep = path;
    else if (reference.at[0] == '?')
        keep = end_of(base, path, "?#");
    else if (reference.at[0] == '#')
        keep = end_of(base, path, "#");
    else
        for (keep = end_of(base, path, "?#"); keep > path && base.at[keep - 1] != '/';)
            keep--;
    url = arena_alloc(arena, keep + reference.len + 1);
    memcpy(url, base.at, keep);
    if (keep == path && !strchr("/?#", reference.at[0]))
        url[keep++] = '/';
    memcpy(url + keep, reference.at, reference.len);
    if (keep < path)
        return view_n(url, keep + reference.len);
    return view_n(url, without_dots(url, path, keep + reference.len));
}
