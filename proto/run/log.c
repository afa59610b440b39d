#include "proto/run/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES  2048
#define QUOTE_BYTES 200
#define QUOTES      8

static const char *process = "wiretag";
static enum log_level threshold = LOG_INFO;
static bool terminal;

void log_start(const char *name, enum log_level level) {
    process = name;
    threshold = level;
    terminal = isatty(STDERR_FILENO);
}

static int put_time(char *out, size_t size) {
    struct timespec now;
    struct tm tm;
    int n;

    clock_gettime(CLOCK_REALTIME, &now);
    if (terminal) {
        localtime_r(&now.tv_sec, &tm);
        return (int)strftime(out, size, "%H:%M:%S", &tm);
    }
    gmtime_r(&now.tv_sec, &tm);
    n = (int)strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
    return n + snprintf(out + n, size - (size_t)n, ".%03ldZ", now.tv_nsec / 1000000);
}

void log_line(enum log_level level, const char *id, const char *format, ...) {
    static const char *const names[] = {"ERROR", "WARN", "INFO", "DEBUG"};
    static const char *const colours[] = {"\033[31m", "\033[33m", "\033[32m", "\033[2m"};
    char line[LINE_BYTES];
    va_list args;
    int n;

    if (level > threshold)
        return;
    n = put_time(line, sizeof line);
    n += snprintf(line + n, sizeof line - (size_t)n, " %s %s%s%s %s ", process,
                  terminal ? colours[level] : "", names[level], terminal ? "\033[0m" : "",
                  id);
    va_start(args, format);
    n += vsnprintf(line + n, sizeof line - (size_t)n - 1, format, args);
    va_end(args);
    if ((size_t)n > sizeof line - 2)
        n = sizeof line - 2;
    line[n++] = '\n';
    /* One write, so that lines of several processes do not mix. */
    if (write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}

const char *log_quote(const char *text, unsigned long len) {
    static char quotes[QUOTES][QUOTE_BYTES * 4 + 8];
    static unsigned turn;
    char *out = quotes[turn++ % QUOTES];
    char *p = out;

    *p++ = '"';
    for (unsigned long i = 0; i < len && i < QUOTE_BYTES; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *p++ = '\\';
            *p++ = (char)c;
        } else if (c < 0x20 || c > 0x7E) {
            p += snprintf(p, 5, "\\x%02x", c);
        } else {
            *p++ = (char)c;
        }
    }
    if (len > QUOTE_BYTES)
        p += snprintf(p, 4, "...");
    *p++ = '"';
    *p = 0;
    return out;
}
