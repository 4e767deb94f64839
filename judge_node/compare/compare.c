/*
 * The default output validator: compares a team's output with the jury's answer, to the letter of the 2025-09 format.
 *
 *     contestbox-compare INPUT ANSWER FEEDBACKDIR/ [ARGUMENT...] < OUTPUT
 *
 * Exit 42: accepted. 43: rejected, and FEEDBACKDIR/judgemessage.txt says where and why (with FEEDBACKDIR "-" standard
 * error does). 2: the call is wrong, 1: a file cannot be read or written; both are judging errors.
 *
 * Theory of operation. Both files are read through one buffer each and walked in step, token by token; nothing is kept
 * of a token but its first bytes (for the message) and, in float mode, its decimal digits (decimal.h). So memory is
 * constant whatever a team prints. A NUL is a byte like any other: right text followed by a NUL is wrong.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "decimal.h"

enum { ACCEPT = 42, REJECT = 43, WRONG_CALL = 2, BROKEN = 1 };

#define BUFFER_BYTES 65536
#define SHOWN_BYTES 60
#define END (-1)

struct stream {
    int fd;
    const char *name;
    size_t position, filled;
    long long offset; /* of the buffer's first byte */
    long long line;   /* of the next byte, from 1 */
    long long begun;  /* the offset of that line's first byte */
    unsigned char buffer[BUFFER_BYTES];
};

/* The first bytes of a token, as the message shows it. */
struct shown {
    int count;
    bool cut;
    char bytes[SHOWN_BYTES];
};

static struct stream answer = {.fd = -1, .line = 1}, team = {.fd = 0, .name = "the output", .line = 1};
static struct tolerance tolerance;
static bool case_sensitive, space_sensitive, floats;
static const char *feedback;
static long long token;
static long long place; /* offset in the output where the token begins */

static void __attribute__((noreturn, format(printf, 2, 3))) give_up(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("contestbox-compare: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(code);
}

static bool refill(struct stream *stream) {
    for (;;) {
        ssize_t got = read(stream->fd, stream->buffer, BUFFER_BYTES);
        if (got > 0) {
            stream->offset += (long long)stream->filled;
            stream->position = 0;
            stream->filled = (size_t)got;
            return true;
        }
        if (got == 0) return false;
        if (errno == EAGAIN) {
            struct pollfd readable = {.fd = stream->fd, .events = POLLIN};
            poll(&readable, 1, -1);
        } else if (errno != EINTR) {
            give_up(BROKEN, "cannot read %s: %s", stream->name, strerror(errno));
        }
    }
}

static inline int peek(struct stream *stream) {
    if (stream->position == stream->filled && !refill(stream)) return END;
    return stream->buffer[stream->position];
}

static inline bool is_space(int byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static inline bool ends_token(int byte) {
    return byte == END || is_space(byte);
}

static inline int folded(int byte) {
    return !case_sensitive && byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

static FILE *open_feedback(const char *name) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s%s", feedback, name);
    if (length >= (int)sizeof path) give_up(WRONG_CALL, "FEEDBACKDIR is too long");
    FILE *file = fopen(path, "a");
    if (file == NULL) give_up(BROKEN, "cannot write %s: %s", path, strerror(errno));
    return file;
}

static void print_shown(FILE *file, const struct shown *shown) {
    fputc('"', file);
    for (int i = 0; i < shown->count; i++) {
        unsigned char byte = (unsigned char)shown->bytes[i];
        if (byte < ' ' || byte == 127)
            fprintf(file, "\\x%02x", byte);
        else
            fputc(byte, file);
    }
    fputs(shown->cut ? "..." : "", file);
    fputc('"', file);
}

static long long offset_of(const struct stream *stream) {
    return stream->offset + (long long)stream->position;
}

/* Rejects: "line 2, column 9, token 5: WHAT", with the two tokens where they are given. */
static void __attribute__((noreturn)) reject(const char *what, const struct shown *expected, const struct shown *got) {
    bool to_stderr = strcmp(feedback, "-") == 0;
    FILE *file = to_stderr ? stderr : open_feedback("judgemessage.txt");
    fprintf(file, "line %lld, column %lld, token %lld: %s", team.line, place - team.begun + 1, token, what);
    if (expected != NULL) {
        fputs(", expected ", file);
        print_shown(file, expected);
    }
    if (got != NULL) {
        fputs(", got ", file);
        print_shown(file, got);
    }
    fputc('\n', file);
    bool failed = ferror(file) != 0;
    if (!to_stderr) {
        FILE *positions = open_feedback("diffposition.txt");
        fprintf(positions, "%lld %lld\n", offset_of(&answer), offset_of(&team));
        failed = fclose(positions) != 0 || fclose(file) != 0 || failed;
    }
    if (failed) give_up(BROKEN, "cannot write the message");
    exit(REJECT);
}

static inline void show(struct shown *shown, int byte) {
    if (shown->count < SHOWN_BYTES)
        shown->bytes[shown->count++] = (char)byte;
    else
        shown->cut = true;
}

static void show_rest(struct stream *stream, struct shown *shown) {
    for (int byte = peek(stream); !ends_token(byte) && !shown->cut; byte = peek(stream)) {
        show(shown, byte);
        stream->position++;
    }
}

static inline void step(struct stream *stream, int byte) {
    stream->position++;
    if (byte != '\n') return;
    stream->line++;
    stream->begun = offset_of(stream);
}

static void skip_space(struct stream *stream) {
    for (int byte = peek(stream); is_space(byte); byte = peek(stream)) step(stream, byte);
}

/* White space before a token or the end: skipped, or compared byte by byte. */
static void pass_space(void) {
    if (!space_sensitive) {
        skip_space(&answer);
        skip_space(&team);
        return;
    }
    for (;;) {
        int wanted = peek(&answer), byte = peek(&team);
        if (!is_space(wanted) && !is_space(byte)) return;
        if (wanted != byte) {
            place = offset_of(&team);
            reject("white space differs", NULL, NULL);
        }
        step(&answer, wanted);
        step(&team, byte);
    }
}

static void compare_words(void) {
    struct shown expected = {0}, got = {0};
    for (;;) {
        int wanted = peek(&answer), byte = peek(&team);
        if (folded(wanted) != folded(byte) || ends_token(wanted)) {
            if (ends_token(wanted) && ends_token(byte)) return;
            show_rest(&answer, &expected);
            show_rest(&team, &got);
            reject("wrong", &expected, &got);
        }
        show(&expected, wanted);
        show(&got, byte);
        answer.position++;
        team.position++;
    }
}

/* Reads on to the end of a token. */
static void feed_rest(struct stream *stream, struct decimal *number, struct shown *shown) {
    for (int byte = peek(stream); !ends_token(byte); byte = peek(stream)) {
        decimal_feed(number, byte);
        show(shown, byte);
        stream->position++;
    }
}

/* A token in float mode. It is known to be a number only at its end, so it is compared as a word at the same time. */
static void compare_numbers(void) {
    static struct decimal wanted_number, number;
    struct shown expected = {0}, got = {0};
    bool same = true;
    decimal_start(&wanted_number);
    decimal_start(&number);
    for (;;) {
        int wanted = peek(&answer), byte = peek(&team);
        if (ends_token(wanted) || ends_token(byte)) {
            same = same && ends_token(wanted) && ends_token(byte);
            break;
        }
        same = same && folded(wanted) == folded(byte);
        decimal_feed(&wanted_number, wanted);
        decimal_feed(&number, byte);
        show(&expected, wanted);
        show(&got, byte);
        answer.position++;
        team.position++;
    }
    feed_rest(&answer, &wanted_number, &expected);
    feed_rest(&team, &number, &got);
    if (!decimal_end(&wanted_number)) {
        if (!same) reject("wrong", &expected, &got);
        return;
    }
    if (same) return;
    if (!decimal_end(&number)) reject("not a number", &expected, &got);
    if (!decimal_within(&number, &wanted_number, &tolerance)) reject("too far off", &expected, &got);
}

static void compare(void) {
    for (;;) {
        pass_space();
        int wanted = peek(&answer), byte = peek(&team);
        struct shown expected = {0}, got = {0};
        if (wanted == END && byte == END) exit(ACCEPT);
        token++;
        place = offset_of(&team);
        if (byte == END) {
            show_rest(&answer, &expected);
            reject("the output ends too early", &expected, NULL);
        }
        if (wanted == END) {
            show_rest(&team, &got);
            reject("the output goes on after the answer", NULL, &got);
        }
        if (floats)
            compare_numbers();
        else
            compare_words();
    }
}

static void read_bound(const char *flag, const char *text, struct decimal *bound, bool *given) {
    if (text == NULL) give_up(WRONG_CALL, "%s needs a number", flag);
    if (*given) give_up(WRONG_CALL, "%s sets a tolerance that is already set", flag);
    decimal_start(bound);
    for (const char *byte = text; *byte; byte++) decimal_feed(bound, (unsigned char)*byte);
    bool is_number = decimal_end(bound);
    if (!is_number || (bound->negative && bound->count)) give_up(WRONG_CALL, "%s: %s is no tolerance", flag, text);
    *given = floats = true;
}

static void read_arguments(char **words) {
    for (char **word = words; *word != NULL; word++) {
        if (strcmp(*word, "case_sensitive") == 0) {
            case_sensitive = true;
        } else if (strcmp(*word, "space_change_sensitive") == 0) {
            space_sensitive = true;
        } else if (strcmp(*word, "float_absolute_tolerance") == 0) {
            read_bound(word[0], word[1], &tolerance.absolute, &tolerance.has_absolute);
            word++;
        } else if (strcmp(*word, "float_relative_tolerance") == 0) {
            read_bound(word[0], word[1], &tolerance.relative, &tolerance.has_relative);
            word++;
        } else if (strcmp(*word, "float_tolerance") == 0) {
            read_bound(word[0], word[1], &tolerance.absolute, &tolerance.has_absolute);
            read_bound(word[0], word[1], &tolerance.relative, &tolerance.has_relative);
            word++;
        } else {
            give_up(WRONG_CALL, "unknown argument %s", *word);
        }
    }
}

int main(int count, char **words) {
    if (count < 4) give_up(WRONG_CALL, "usage: contestbox-compare INPUT ANSWER FEEDBACKDIR/ [ARGUMENT...] < OUTPUT");
    feedback = words[3];
    read_arguments(words + 4);
    if (access(words[1], R_OK) != 0) give_up(BROKEN, "cannot read %s: %s", words[1], strerror(errno));
    answer.name = words[2];
    answer.fd = open(words[2], O_RDONLY | O_CLOEXEC);
    if (answer.fd < 0) give_up(BROKEN, "cannot read %s: %s", words[2], strerror(errno));
    compare();
}
