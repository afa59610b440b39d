/* log.h: lines for operators, on standard error.
 *
 *     2020-01-14T10:15:02.113Z ingest WARN INGEST-LIMIT peer=127.0.0.1:4242 reason="..."
 *
 * Each has a level, a stable id to grep for and key=value pairs. Modules return errors,
 * processes log them. On a terminal the time is short and the level coloured. */
#ifndef WIRETAG_PROTO_RUN_LOG_H
#define WIRETAG_PROTO_RUN_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* name: the process, for the line ("ingest"). Lines above `level` are dropped. */
void log_start(const char *name, enum log_level level);
/* format gives the key=value part. A value from outside is put through log_quote. */
void log_line(enum log_level level, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "text" in quotes with controls, quotes and bytes over 0x7e escaped, cut at 200 bytes.
 * The result is valid until the eighth next call. */
const char *log_quote(const char *text, unsigned long len);

#endif
