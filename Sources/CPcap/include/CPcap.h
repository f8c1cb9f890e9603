#include <pcap/pcap.h>
#include <stdio.h>

// FILE and its macros do not come through as Swift can call them everywhere.
static inline FILE *replique_standard_input(void) { return stdin; }
