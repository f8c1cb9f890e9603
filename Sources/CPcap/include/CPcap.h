#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pcap/pcap.h>
#include <stdio.h>

// fopencookie(3), glibc's way to make a FILE of functions of our own; a struct of them does not come through to Swift everywhere.
static inline FILE *replique_open_reading(void *cookie, ssize_t (*read)(void *, char *, size_t), int (*close)(void *)) {
  cookie_io_functions_t functions = { .read = read, .write = NULL, .seek = NULL, .close = close };
  return fopencookie(cookie, "r", functions);
}
