#include "ingest/letter.h"

void letter_put_head(struct buf *out, const struct dead_letter *letter) {
    struct view reason = letter->reason;
    if (reason.len > JOURNAL_REASON)
        reason.len = JOURNAL_REASON;
    while (reason.len < letter->reason.len && reason.len > 0 &&
           (letter->reason.at[reason.len] & 0xC0) == 0x80)
        reason.len--; // not in the middle of a character
    buf_put_u8(out, (uint8_t)letter->kind);
    buf_put_u32(out, letter->attempts);
    buf_put_u64(out, (uint64_t)letter->when_ms);
    buf_put_u64(out, letter->bytes_in_all);
    buf_put_sized(out, reason);
    buf_put_sized(out, letter->peer);
    buf_put_sized(out, letter->format);
    buf_put_sized(out, letter->feed);
}

static int take(struct view *rest, struct dead_letter *letter) {
    uint8_t kind = 0;
    uint32_t attempts = 0;
    uint64_t when_ms = 0;
    int err = view_take_u8(rest, &kind);
    if (err == 0 && kind != DEAD_REPORT && kind != DEAD_DOCUMENT)
        err = ERR_FORMAT;
    if (err == 0)
        err = view_take_u32(rest, &attempts);
    if (err == 0)
        err = view_take_u64(rest, &when_ms);
    if (err == 0)
        err = view_take_u64(rest, &letter->bytes_in_all);
    if (err == 0)
        err = view_take_sized(rest, &letter->reason);
    if (err == 0)
        err = view_take_sized(rest, &letter->peer);
    if (err == 0)
        err = view_take_sized(rest, &letter->format);
    if (err == 0)
        err = view_take_sized(rest, &letter->feed);
    letter->kind = (enum dead_kind)kind;
    letter->attempts = attempts;
    letter->when_ms = (int64_t)when_ms;
    return err;
}

void letter_read(struct view value, struct dead_letter *out) {
    struct dead_letter letter = {0};
    struct view rest = value;
    if (take(&rest, &letter) < 0) {
        letter = (struct dead_letter){
            .kind = DEAD_DOCUMENT,
            .bytes_in_all = value.len,
            .reason = VIEW_LIT("what was noted of it has been damaged on the disk")};
        rest = value;
    }
    letter.index = out->index;
    letter.bytes = rest;
    *out = letter;
}
