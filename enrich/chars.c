#include "enrich/chars.h"

#include "proto/utf8.h"

#define B CHAR_BLANK
#define N CHAR_LINE
#define L CHAR_LOWER
#define U CHAR_UPPER
#define D CHAR_DIGIT
#define A CHAR_APOSTROPHE
#define H CHAR_HYPHEN
#define P CHAR_PUNCT
#define S CHAR_SYMBOL

const uint8_t char_ascii[128] = {
    B, B, B, B, B, B, B, B, B, B, N, B, B, B, B, B, /* controls */
    B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, /* */
    B, P, P, P, P, P, P, A, P, P, P, P, P, H, P, P, /*  !"#$%&'()*+,-./ */
    D, D, D, D, D, D, D, D, D, D, P, P, P, P, P, P, /* 0-9 :;<=>? */
    P, U, U, U, U, U, U, U, U, U, U, U, U, U, U, U, /* @A-O */
    U, U, U, U, U, U, U, U, U, U, U, P, P, P, P, P, /* P-Z [\]^_ */
    P, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L, /* `a-o */
    L, L, L, L, L, L, L, L, L, L, L, P, P, P, P, B, /* p-z {|}~ */
};

#undef B
#undef N
#undef L
#undef U
#undef D
#undef A
#undef H
#undef P
#undef S

/* Capitals and small letters by turns: which of them have even numbers. */
#define EVEN_UPPER 100
#define ODD_UPPER  101

/* From `first` up to the next row. What no row knows better is a letter without case. */
static const struct range {
    uint32_t first;
    uint8_t class;
} ranges[] = {
    {0x0080, CHAR_BLANK},      {0x00A1, CHAR_PUNCT},  {0x00AA, CHAR_LOWER},
    {0x00AB, CHAR_PUNCT},      {0x00AD, CHAR_MARK},   {0x00AE, CHAR_PUNCT},
    {0x00B4, CHAR_APOSTROPHE}, {0x00B5, CHAR_LOWER},  {0x00B6, CHAR_PUNCT},
    {0x00BA, CHAR_LOWER},      {0x00BB, CHAR_PUNCT},  {0x00C0, CHAR_UPPER},
    {0x00D7, CHAR_PUNCT},      {0x00D8, CHAR_UPPER},  {0x00DF, CHAR_LOWER},
    {0x00F7, CHAR_PUNCT},      {0x00F8, CHAR_LOWER},  {0x0100, EVEN_UPPER},
    {0x0138, CHAR_LOWER},      {0x0139, ODD_UPPER},   {0x0149, CHAR_LOWER},
    {0x014A, EVEN_UPPER},      {0x0178, CHAR_UPPER},  {0x0179, ODD_UPPER},
    {0x017F, CHAR_LOWER},      {0x01CD, ODD_UPPER},   {0x01DD, CHAR_LOWER},
    {0x01DE, EVEN_UPPER},      {0x01F0, CHAR_LOWER},  {0x01F4, EVEN_UPPER},
    {0x01F6, CHAR_UPPER},      {0x01F8, EVEN_UPPER},  {0x0234, CHAR_LOWER},
    {0x02B9, CHAR_MARK},       {0x02C0, CHAR_LOWER},  {0x0300, CHAR_MARK},
    {0x0370, CHAR_LOWER},      {0x0386, CHAR_UPPER},  {0x0387, CHAR_PUNCT},
    {0x0388, CHAR_UPPER},      {0x0390, CHAR_LOWER},  {0x0391, CHAR_UPPER},
    {0x03AC, CHAR_LOWER},      {0x0400, CHAR_UPPER},  {0x0430, CHAR_LOWER},
    {0x0460, EVEN_UPPER},      {0x0482, CHAR_SYMBOL}, {0x0483, CHAR_MARK},
    {0x048A, EVEN_UPPER},      {0x04C0, CHAR_UPPER},  {0x04C1, ODD_UPPER},
    {0x04CF, CHAR_LOWER},      {0x04D0, EVEN_UPPER},  {0x0530, CHAR_UPPER},
    {0x0557, CHAR_LOWER},      {0x0589, CHAR_PUNCT},  {0x058B, CHAR_LOWER},
    {0x0591, CHAR_MARK},       {0x05BE, CHAR_HYPHEN}, {0x05BF, CHAR_MARK},
    {0x05C0, CHAR_PUNCT},      {0x05C1, CHAR_MARK},   {0x05D0, CHAR_LOWER},
    {0x05F3, CHAR_APOSTROPHE}, {0x05F4, CHAR_PUNCT},  {0x0600, CHAR_SYMBOL},
    {0x0606, CHAR_PUNCT},      {0x0610, CHAR_MARK},   {0x061B, CHAR_PUNCT},
    {0x0620, CHAR_LOWER},      {0x064B, CHAR_MARK},   {0x0660, CHAR_DIGIT},
    {0x066A, CHAR_PUNCT},      {0x066E, CHAR_LOWER},  {0x06D4, CHAR_PUNCT},
    {0x06D5, CHAR_LOWER},      {0x06D6, CHAR_MARK},   {0x06EE, CHAR_LOWER},
    {0x06F0, CHAR_DIGIT},      {0x06FA, CHAR_LOWER},  {0x0900, CHAR_MARK},
    {0x0904, CHAR_LOWER},      {0x093A, CHAR_MARK},   {0x093D, CHAR_LOWER},
    {0x093E, CHAR_MARK},       {0x0950, CHAR_LOWER},  {0x0962, CHAR_MARK},
    {0x0964, CHAR_PUNCT},      {0x0966, CHAR_DIGIT},  {0x0970, CHAR_PUNCT},
    {0x0971, CHAR_LOWER},      {0x10A0, CHAR_UPPER},  {0x10D0, CHAR_LOWER},
    {0x1361, CHAR_PUNCT},      {0x1369, CHAR_LOWER},  {0x17D4, CHAR_PUNCT},
    {0x17DC, CHAR_LOWER},      {0x1AB0, CHAR_MARK},   {0x1B00, CHAR_LOWER},
    {0x1DC0, CHAR_MARK},       {0x1E00, EVEN_UPPER},  {0x1E96, CHAR_LOWER},
    {0x1E9E, CHAR_UPPER},      {0x1E9F, CHAR_LOWER},  {0x1EA0, EVEN_UPPER},
    {0x1F00, CHAR_LOWER},      {0x2000, CHAR_BLANK},  {0x200C, CHAR_MARK},
    {0x200E, CHAR_BLANK},      {0x2010, CHAR_HYPHEN}, {0x2012, CHAR_PUNCT},
    {0x2018, CHAR_APOSTROPHE}, {0x201A, CHAR_PUNCT},  {0x201B, CHAR_APOSTROPHE},
    {0x201C, CHAR_PUNCT},      {0x2028, CHAR_LINE},   {0x202A, CHAR_BLANK},
    {0x2030, CHAR_PUNCT},      {0x205F, CHAR_BLANK},  {0x2070, CHAR_SYMBOL},
    {0x20D0, CHAR_MARK},       {0x2100, CHAR_SYMBOL}, {0x2C00, CHAR_LOWER},
    {0x2E00, CHAR_PUNCT},      {0x2E80, CHAR_LOWER},  {0x3000, CHAR_BLANK},
    {0x3001, CHAR_PUNCT},      {0x3005, CHAR_LOWER},  {0x3008, CHAR_PUNCT},
    {0x3021, CHAR_LOWER},      {0x3030, CHAR_PUNCT},  {0x3031, CHAR_LOWER},
    {0x30FB, CHAR_PUNCT},      {0x30FC, CHAR_LOWER},  {0xD800, CHAR_SYMBOL},
    {0xF900, CHAR_LOWER},      {0xFB1E, CHAR_MARK},   {0xFB1F, CHAR_LOWER},
    {0xFD3E, CHAR_PUNCT},      {0xFD40, CHAR_LOWER},  {0xFE00, CHAR_MARK},
    {0xFE10, CHAR_PUNCT},      {0xFE20, CHAR_MARK},   {0xFE30, CHAR_PUNCT},
    {0xFE70, CHAR_LOWER},      {0xFEFF, CHAR_BLANK},  {0xFF01, CHAR_PUNCT},
    {0xFF10, CHAR_DIGIT},      {0xFF1A, CHAR_PUNCT},  {0xFF21, CHAR_UPPER},
    {0xFF3B, CHAR_PUNCT},      {0xFF41, CHAR_LOWER},  {0xFF5B, CHAR_PUNCT},
    {0xFF66, CHAR_LOWER},      {0xFFE0, CHAR_SYMBOL}, {0x10000, CHAR_LOWER},
    {0x1D000, CHAR_SYMBOL},    {0x1D400, CHAR_LOWER}, {0x1F000, CHAR_SYMBOL},
    {0x20000, CHAR_LOWER},     {0xE0000, CHAR_MARK},  {0xE01F0, CHAR_SYMBOL},
};

enum char_class char_class(uint32_t c) {
    size_t low = 0, high = sizeof ranges / sizeof *ranges;
    uint8_t class;

    if (c < 128)
        return char_ascii[c];
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].first <= c)
            low = middle;
        else
            high = middle;
    }
    class = ranges[low].class;
    if (class == EVEN_UPPER || class == ODD_UPPER)
        return (c & 1) == (class == ODD_UPPER) ? CHAR_UPPER : CHAR_LOWER;
    return class;
}

enum char_class char_next_wide(const char *at, const char *end, unsigned *len) {
    struct view rest = {at, (size_t)(end - at)};
    uint32_t c = utf8_take(&rest);

    *len = (unsigned)(rest.at - at);
    return char_class(c);
}
