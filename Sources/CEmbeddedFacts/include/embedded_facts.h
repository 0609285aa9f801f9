#ifndef EMBEDDED_FACTS_H
#define EMBEDDED_FACTS_H
#include <stddef.h>
typedef struct { const char *path; const unsigned char *bytes; size_t count; } EmbeddedFile;
extern const EmbeddedFile embedded_files[];
extern const size_t embedded_file_count;
#endif
