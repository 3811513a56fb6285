/* What libusb's configure script would find for MinGW. */
#define PLATFORM_WINDOWS 1
#define HAVE_STRUCT_TIMESPEC 1
#define HAVE_SYS_TIME_H 1
#define ENABLE_LOGGING 1
#define DEFAULT_VISIBILITY
#define PRINTF_FORMAT(a, b) __attribute__((__format__(__printf__, a, b)))
#define _GNU_SOURCE 1
#define _WIN32_WINNT 0x0600
