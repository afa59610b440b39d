#include "enrich/date_line.h"

#include "enrich/chars.h"

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static struct view trim(struct view text) {
    while (text.len && (is_blank(text.at[0]) || strchr(",-", text.at[0]))) {
        text.at++;
        text.len--;
    }
    while (text.len &&
           (is_blank(text.at[text.len - 1]) || strchr(",-", text.at[text.len - 1])))
        text.len--;
    return text;
}

/* A mark between fields at the front of the text: its length, or 0. */
static size_t field_mark(struct view text, bool blank_before) {
    static const char *const marks[] = {"|", "·", "•", "—", "–"};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (view_starts(text, marks[i]))
            return strlen(marks[i]);
    if (blank_before && text.len > 1 && text.at[0] == '/' && text.at[1] == ' ')
        return 1;
    return 0;
}

bool date_line_next(struct view *rest, struct view *field) {
    size_t i, mark = 0;

    *rest = trim(*rest);
    if (!rest->len)
        return false;
    for (i = 1; i < rest->len; i++) {
        struct view tail = view_n(rest->at + i, rest->len - i);
        bool blank = is_blank(rest->at[i - 1]);
        unsigned char c = (unsigned char)rest->at[i];
        if (c != '|' && c != '/' && c < 0x80 && !(blank && (c == 'B' || c == 'b')))
            continue;
        mark = field_mark(tail, blank);
        if (mark)
            break;
        if (blank && (view_starts(tail, "By ") || view_starts(tail, "by ") ||
                      view_starts(tail, "BY ")))
            break;
    }
    *field = trim(view_n(rest->at, i));
    rest->at += i + mark;
    rest->len -= i + mark;
    return true;
}

/* In small letters; a blank at both ends of each. */
static const char words_of_dates[] =
    " posted published updated update last modified first on at date issued created time "
    "publish release released uploaded edited revised am pm ist gmt utc est edt cst cdt "
    "mst mdt pst pdt cet cest bst eat wat cat sast pkt msk trt aest aedt nzst sgt hkt jst "
    "kst wib wita ict et ct pt mt local hrs hours hour h hr uhr le la las el de del um den "
    "vom der stand publié publie mis mise à a jour modifié veröffentlicht aktualisiert "
    "aktualisierung erstellt publicado publicada actualizado actualizada il alle ore ago "
    "days day minutes minute mins min weeks week months month count views hits read the "
    "of and since pubdate date-posted submitted added entered filed st nd rd th z t o clock "
    "this content noon midnight gmt+ utc+ as is was since lastupdated date: ";

static const char months_abroad[] =
    " janvier février fevrier mars avril mai juin juillet août aout septembre octobre "
    "novembre décembre decembre januar februar märz juni juli oktober dezember enero "
    "febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
    "ene feb abr ago sep oct nov dic gennaio febbraio aprile maggio giugno luglio settembre "
    "ottobre dicembre janeiro fevereiro março maio junho julho setembro outubro novembro "
    "dezembro ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık "
    "januari februari maret mei agustus desember maart augustus lundi mardi mercredi jeudi "
    "vendredi samedi dimanche montag dienstag mittwoch donnerstag freitag samstag sonntag "
    "lunes martes miércoles jueves viernes sábado domingo ";

static bool listed(const char *list, struct view word) {
    char key[24];
    size_t n = word.len;

    if (!n || n > sizeof key - 3)
        return false;
    key[0] = ' ';
    for (size_t i = 0; i < n; i++)
        key[i + 1] =
            word.at[i] >= 'A' && word.at[i] <= 'Z' ? (char)(word.at[i] + 32) : word.at[i];
    key[n + 1] = ' ';
    key[n + 2] = 0;
    return strstr(list, key) != NULL;
}

/* Letters or digits from the front. */
static struct view take_token(struct view *rest, bool *digits) {
    const char *at = rest->at, *end = at + rest->len;
    struct view token;
    unsigned len;

    *digits = at < end && *at >= '0' && *at <= '9';
    for (; at < end; at += len) {
        unsigned class = char_next(at, end, &len);
        if (*digits ? class != CHAR_DIGIT : !char_is_letter(class) && class != CHAR_MARK)
            break;
    }
    token = view_n(rest->at, (size_t)(at - rest->at));
    rest->at += token.len;
    rest->len -= token.len;
    return token;
}

enum date_field date_line_field(struct view field, struct written_date *date) {
    struct written_date read;
    unsigned numbers = 0, words = 0, abroad = 0, len;
    bool found = false, digits;

    *date = (struct written_date){0};
    while (field.len) {
        unsigned class = char_next(field.at, field.at + field.len, &len);
        struct view token;
        if (!char_is_letter(class) && class != CHAR_DIGIT) {
            field.at += len;
            field.len -= len;
            continue;
        }
        if (written_date_take(&field, &read)) {
            if (read.month && !date->month)
                *date = read;
            found |= read.month != 0;
            continue;
        }
        token = take_token(&field, &digits);
        numbers += digits;
        words += !digits;
        if (numbers > 12 || words > 14)
            return DATE_FIELD_NONE;
        if (!digits && listed(months_abroad, token))
            abroad++;
        else if (!digits && !listed(words_of_dates, token))
            return DATE_FIELD_NONE;
    }
    if (found || (abroad && numbers >= 2))
        return DATE_FIELD_DATE;
    return numbers || words ? DATE_FIELD_TIME : DATE_FIELD_NONE;
}

/* Does it begin with a word that dates have? */
static bool listed_or_named(struct view text) {
    bool digits;
    struct view word = take_token(&text, &digits);

    return word.len && (dateword_month(word) || dateword_weekday(word) ||
                        listed(words_of_dates, word) || listed(months_abroad, word));
}

size_t date_line_tail(struct view field, struct written_date *date) {
    for (size_t i = 4; i + 6 <= field.len; i++) {
        struct view tail = view_n(field.at + i, field.len - i);
        bool digit = field.at[i] >= '0' && field.at[i] <= '9';
        if (!is_blank(field.at[i - 1]) || (!digit && !listed_or_named(tail)))
            continue;
        if (date_line_field(tail, date) == DATE_FIELD_DATE &&
            (date->year || !date->month))
            return i;
    }
    return field.len;
}
