#include <pcap/pcap.h>
#include <stdio_ext.h>
#include <linux/capability.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

// capset(2), for which glibc has no declaration: of the calling thread, none is effective, permitted or inherited any more, and so none is
// ambient.
static inline int replique_drop_capabilities(void) {
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0, 0, 0 }, { 0, 0, 0 } };
  return (int)syscall(SYS_capset, &header, none);
}
