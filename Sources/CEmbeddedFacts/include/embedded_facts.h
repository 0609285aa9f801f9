#ifndef EMBEDDED_FACTS_H
#define EMBEDDED_FACTS_H
#include <stddef.h>

/* One file of the repository as it was when this library was compiled. */
typedef struct {
    /* Path from the root of the repository. */
    const char *path;
    /* Content, ended by a zero byte that is not part of it. */
    const char *text;
} EmbeddedFile;

size_t embedded_file_count(void);

/* `index` is below embedded_file_count(). */
EmbeddedFile embedded_file(size_t index);

/* Bytes of the text without the zero byte. */
size_t embedded_file_length(size_t index);

/* The commit that the library was compiled from, or "unknown". */
const char *embedded_commit(void);
#endif
